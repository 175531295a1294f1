import { verifyUpdateDetailed } from '../../../oracles/pyth/verify.ts';
import type { BreakwaterError } from '../../../risk/errors.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { mainnetSignerSets, readUpdateFile } from '../../oracles/support/vectors.ts';
import { type Near, Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface Row {
  readonly file: string;
  readonly guardianSet: number;
  readonly nSigs: number;
  readonly slot: string;
  readonly merkle: readonly boolean[];
  readonly messages: readonly {
    t: string;
    id: string;
    price: string;
    conf: string;
    expo: number;
    publishTime: number;
    prev: number;
    ema: string;
    emaConf: string;
  }[];
}

function verifies(near: Near, dir: string, row: Row): void {
  const update = verifyUpdateDetailed(readUpdateFile(dir, row.file), mainnetSignerSets(dir));
  const prices = row.messages.filter(({ t }) => t === 'price');
  exactly(near, 'signers', update.signers, row.nSigs);
  exactly(near, 'signer set', update.signerSetIndex, row.guardianSet);
  exactly(near, 'slot', `${update.slot}`, row.slot);
  exactly(near, 'prices', update.prices.length, prices.length);
  exactly(near, 'skipped', update.skipped.length, row.messages.length - prices.length);
  prices.forEach((expected, index) => {
    const actual = update.prices[index]!;
    exactly(near, 'id', actual.priceId.slice(2), expected.id);
    exactly(near, 'price', `${actual.price}`, expected.price);
    exactly(near, 'conf', `${actual.conf}`, expected.conf);
    exactly(near, 'expo', actual.expo, expected.expo);
    exactly(near, 'publish time', actual.publishTimeSeconds, expected.publishTime);
    exactly(near, 'previous publish time', actual.prevPublishTimeSeconds, expected.prev);
    exactly(near, 'EMA', `${actual.emaPrice}`, expected.ema);
    exactly(near, 'EMA conf', `${actual.emaConf}`, expected.emaConf);
  });
}

/** Real mainnet updates, 13 of 19 signatures and merkle proofs: every good one verified, the bad one refused. */
export function run(dir: string) {
  const tally = new Tally('pyth-updates', { relative: 0 });
  for (const row of readJson<Row[]>(dir, 'index.json')) {
    tally.case(row.file, (near) => {
      if (row.merkle.every(Boolean)) {
        verifies(near, dir, row);
        return;
      }
      let refusal = 'accepted';
      try {
        verifyUpdateDetailed(readUpdateFile(dir, row.file), mainnetSignerSets(dir));
      } catch (error) {
        refusal = (error as BreakwaterError).type;
      }
      exactly(near, 'refusal', refusal, 'pyth-merkle-proof');
    });
  }
  return tally.result();
}
