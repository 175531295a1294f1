import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Hex, recoverAddress } from 'viem';
import { buildSlot } from '../../gateway/demo/hermes/accumulator.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import type { SignerSet } from '../../oracles/config/feeds.ts';
import { parseAccumulatorUpdate } from '../../oracles/pyth/accumulator.ts';
import { bytesToHex } from '../../oracles/pyth/hex.ts';
import { parseVaa } from '../../oracles/pyth/vaa.ts';
import { type VerifiedPrice, verifyUpdate } from '../../oracles/pyth/verify.ts';
import { VerifyThread } from '../../oracles/sources/hermes/verifier/verify-thread.ts';
import { mainnetSignerSets, readUpdateFile } from '../../test/oracles/support/vectors.ts';
import { median, printTable, sameChecksum } from '../timing.ts';
import { priceIdOf } from './data.ts';
import { priceOf } from './feeder.ts';

const VECTORS = join(import.meta.dirname, '../../../shared/vectors/pyth-updates');
/** Mainnet updates of 2024 and 2025 that verify. */
const REAL = [
  'docs-2024-05-03T14-58-20-btc.hex',
  'docs-2024-05-03T14-58-21-btc.hex',
  'fuel-2024-03-18-eth-usdc-guardianset3.hex',
  'js-sdk-2024-05-13-3feeds.hex',
  'ton-2025-08-05T15-37-btc.hex',
];
const ROUNDS = 7;
/** More slots than a verifier remembers, so that every signature is checked in every round. */
const SLOTS = 40;

interface Updates {
  readonly name: string;
  readonly sets: readonly SignerSet[];
  readonly list: readonly Uint8Array[];
  readonly signatures: number;
}

function generated(signers: number, quorum: number): Updates {
  const signer = createDevelopmentSigner({ seed: 'bench signatures', signers, quorum });
  const list = Array.from({ length: SLOTS }, (_, slot) => {
    const price = priceOf(0, slot);
    const times = { publishTimeSeconds: 1_750_000_000 + slot, prevPublishTimeSeconds: 1_750_000_000 };
    const fields = { priceId: priceIdOf(0), price, conf: 1n, expo: -8, emaPrice: price, emaConf: 1n };
    return buildSlot(signer, BigInt(slot), [{ ...fields, ...times }]).encode([0]);
  });
  const name = `generated, ${quorum} of ${signers}`;
  return { name, sets: [signer.signerSet], list, signatures: quorum };
}

function real(): Updates | null {
  if (!existsSync(VECTORS)) return null;
  const list = REAL.map((file) => readUpdateFile(VECTORS, file));
  return { name: 'mainnet, 13 of 19', sets: mainnetSignerSets(VECTORS), list, signatures: 13 };
}

const sumOf = (prices: readonly VerifiedPrice[]): number =>
  prices.reduce((sum, { price }) => sum + Number(price % 1_000_003n), 0);

/** CPU seconds of all threads of this process. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1e6;
}

/** The signatures alone, by the library that most programs use. */
async function withViem({ list, sets }: Updates): Promise<void> {
  for (const bytes of list) {
    const { digest, signatures, signerSetIndex } = parseVaa(parseAccumulatorUpdate(bytes).vaa);
    const { addresses } = sets.find(({ index }) => index === signerSetIndex)!;
    for (const { index, compact, recoveryId } of signatures) {
      const signature = `${bytesToHex(compact)}${(27 + recoveryId).toString(16)}` as Hex;
      const address = await recoverAddress({ hash: bytesToHex(digest), signature });
      if (address.toLowerCase() !== addresses[index]!.toLowerCase()) throw new Error('another signer');
    }
  }
}

/** (d) Updates and signatures verified per CPU second, on the event loop and in the thread. */
export async function signaturesPerSecond(): Promise<void> {
  const rows = [['', 'updates', 'signatures', 'milliseconds an update']];
  const add = (name: string, { list, signatures }: Updates, seconds: readonly number[]) => {
    const perUpdate = median(seconds) / list.length;
    const figures = [1 / perUpdate, signatures / perUpdate].map((value) => value.toFixed(0));
    rows.push([name, ...figures, (perUpdate * 1e3).toFixed(2)]);
  };
  for (const updates of [real(), generated(19, 13), generated(5, 3)]) {
    if (updates === null) {
      rows.push(['mainnet, 13 of 19', 'absent', '-', '-']);
      continue;
    }
    const { list, sets, name } = updates;
    const repeats = Math.ceil(SLOTS / list.length);
    const work = { ...updates, list: Array.from({ length: repeats }, () => list).flat() };
    const times = { loop: [] as number[], thread: [] as number[], viem: [] as number[] };
    const sums = { loop: 0, thread: 0 };
    const thread = new VerifyThread({ signerSets: sets, maxWaiting: 1000 });
    // what the thread remembers would make few different updates look free
    const inThread = list.length >= SLOTS;
    await thread.verify({ encoding: 'base64', data: [] });
    for (let round = -2; round < ROUNDS; round++) {
      const loop = await cpuOf(() => {
        for (const bytes of work.list) sums.loop += sumOf(verifyUpdate(bytes, sets));
      });
      if (round >= 0) times.loop.push(loop);
      if (!inThread) continue;
      const texts = work.list.map((bytes) => Buffer.from(bytes).toString('base64'));
      const seconds = await cpuOf(async () => {
        const answers = await Promise.all(
          texts.map((text) => thread.verify({ encoding: 'base64', data: [text] })),
        );
        for (const outcome of answers.flatMap((each) => each ?? [])) {
          if (outcome.ok) sums.thread += sumOf(outcome.prices);
        }
      });
      if (round >= 0) times.thread.push(seconds);
    }
    times.viem.push(await cpuOf(() => withViem(updates)));
    await thread.stop();
    if (inThread) sameChecksum(`verification of ${name}`, sums.loop, sums.thread, 0);
    add(`${name}, one core`, work, times.loop);
    if (inThread) add(`${name}, through the thread`, work, times.thread);
    add(`${name}, signatures alone with viem`, updates, times.viem);
  }
  console.log(`(d) Pyth updates verified per CPU second, median of ${ROUNDS} rounds`);
  printTable(rows);
}
