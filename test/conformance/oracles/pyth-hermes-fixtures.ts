import { verifyUpdateDetailed } from '../../../oracles/pyth/verify.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { PYTHNET_EMITTER, readUpdateFile } from '../../oracles/support/vectors.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface Expected {
  readonly feedId: string;
  readonly price?: string;
  readonly conf?: string;
  readonly publishTime: number;
  readonly emaPrice?: string;
  readonly emaConf?: string;
}

/** Real Hermes answers against the guardian set given beside them: exact; TWAP messages are skipped. */
export function run(dir: string) {
  const tally = new Tally('pyth-hermes-fixtures', { relative: 0 });
  const { _wormhole_guardian_set_used: guardians, ...files } = readJson<
    Record<string, Expected[]> & { _wormhole_guardian_set_used: { address: `0x${string}` }[] }
  >(dir, 'expected.json');
  const addresses = guardians.map(({ address }) => address);
  const signerSets = [{ index: 4, addresses, quorum: 13, emitter: PYTHNET_EMITTER }];
  for (const [file, messages] of Object.entries(files)) {
    tally.case(file, (near) => {
      const { prices, skipped, signers } = verifyUpdateDetailed(readUpdateFile(dir, file), signerSets);
      exactly(near, 'signers', signers, 13);
      const expected = messages.filter(({ price }) => price !== undefined);
      exactly(near, 'prices', prices.length, expected.length);
      if (expected.length === 0) exactly(near, 'only skipped', skipped.length > 0, true);
      expected.forEach((message, index) => {
        const price = prices[index]!;
        exactly(near, 'id', price.priceId.slice(2), message.feedId);
        exactly(near, 'price', `${price.price}`, message.price!);
        exactly(near, 'conf', `${price.conf}`, message.conf!);
        exactly(near, 'publish time', price.publishTimeSeconds, message.publishTime);
        exactly(near, 'EMA', `${price.emaPrice}`, message.emaPrice!);
        exactly(near, 'EMA conf', `${price.emaConf}`, message.emaConf!);
      });
    });
  }
  return tally.result();
}
