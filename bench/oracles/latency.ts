import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { PriceBook } from '../../oracles/book/price-book.ts';
import { startIngest } from '../../oracles/ingest.ts';
import { createUpdateGate } from '../../oracles/sources/hermes/update-gate.ts';
import { type UpdateVerifier, VerifyThread } from '../../oracles/sources/hermes/verifier/verify-thread.ts';
import { median, printTable, sameChecksum } from '../timing.ts';
import { firstPrice, makeFeed, makeRandom, makeReports, makeUsdcFeed } from './data.ts';
import { type FeederData, FIRST_SLOT } from './feeder.ts';
import { cpuOnPath } from './path.ts';
import { sharedNow, startThread } from './threads.ts';

const FEEDS = 200;
const INTERVAL_MS = 100;
/** Ten seconds: until then the engine still compiles what a running service has compiled long ago. */
const WARM_UP_SLOTS = 100;
const SLOTS = 300;
const SEED = 'bench latency';

interface Run {
  readonly fromArrival: number[];
  readonly fromSource: number[];
  readonly loop: { readonly p99: number; readonly max: number };
  readonly verdicts: number;
  readonly checksum: number;
}

type MakeVerifier = (
  signerSets: ConstructorParameters<typeof VerifyThread>[0]['signerSets'],
) => UpdateVerifier;

const inThread: MakeVerifier = (signerSets) => new VerifyThread({ signerSets });
/** The same work on the event loop. */
const onLoop: MakeVerifier = (signerSets) => {
  const gate = createUpdateGate(signerSets);
  return {
    verify: async (message) => gate(message),
    health: () => ({ state: 'ready', deaths: 0, lastDeath: null, waiting: 0, leftOut: 0 }),
    stop: async () => {},
  };
};

/** All feeds through the real ingest: Hermes stream, verification, price book, verdict. */
async function play(makeVerifier: MakeVerifier): Promise<Run> {
  const sentAt = new SharedArrayBuffer(8 * SLOTS);
  const sent = new Float64Array(sentAt);
  const data: FeederData = { feeds: FEEDS, intervalMs: INTERVAL_MS, slots: SLOTS, seed: SEED, sentAt };
  const feeder = startThread('./feeder.ts', data);
  const [url] = (await once(feeder, 'message')) as [string];
  const { signerSet } = createDevelopmentSigner({ seed: SEED });
  const feeds = Array.from({ length: FEEDS }, (_, feed) => makeFeed(feed));
  const book = new PriceBook([makeUsdcFeed(), ...feeds]);
  const random = makeRandom();
  const nowMs = Date.now();
  book.ingest(makeReports(makeUsdcFeed(), 1, random, nowMs, 0.0001));
  feeds.forEach((feed, index) => {
    book.ingest(makeReports(feed, firstPrice(index), random, nowMs, 0.0001).slice(1));
  });
  const verifier = makeVerifier([signerSet]);
  let arrivedAt = 0;
  const run = { fromArrival: [] as number[], fromSource: [] as number[], verdicts: 0, checksum: 0 };
  const clock = { nowMs: () => Date.now() };
  book.subscribe((changed) => {
    const now = clock.nowMs();
    for (const id of changed) {
      const { votes, verdicts } = book.price(id, now);
      const { report } = votes[0]!;
      if (!report.ok || !verdicts.open.usable) throw new Error(`${id} has no usable verdict`);
      const slot = Number(BigInt(String(report.quote.details.slot)) - FIRST_SLOT - 1n);
      if (slot < WARM_UP_SLOTS) continue;
      const judgedAt = sharedNow();
      run.fromArrival.push(judgedAt - arrivedAt);
      run.fromSource.push(judgedAt - sent[slot]!);
      run.verdicts += 1;
      run.checksum += Number(report.quote.price % 1_000_003n) * (slot % 97);
    }
  });
  const quiet = () => {};
  const ingest = startIngest({
    feeds,
    hermes: { url, apiKeyEnv: null, signerSets: [signerSet] },
    readers: new Map(),
    chains: [],
    book,
    clock,
    logger: { debug: quiet, info: quiet, warn: quiet },
    pollIntervalMs: 1000,
    verifier: {
      ...verifier,
      health: () => verifier.health(),
      stop: () => verifier.stop(),
      async verify(message) {
        const arrived = sharedNow();
        const outcomes = await verifier.verify(message);
        // What was verified goes into the book before anything else can arrive.
        arrivedAt = arrived;
        return outcomes;
      },
    },
  });
  while (
    (ingest.health().hermes?.connections ?? []).some(({ lastVerifiedAtMs }) => lastVerifiedAtMs === null)
  ) {
    await sleep(20);
  }
  const done = once(feeder, 'message');
  const delay = monitorEventLoopDelay({ resolution: 1 });
  feeder.postMessage('go');
  await sleep(WARM_UP_SLOTS * INTERVAL_MS);
  delay.enable();
  await done;
  await sleep(500);
  delay.disable();
  await ingest.stop();
  feeder.postMessage('stop');
  await once(feeder, 'exit');
  return { ...run, loop: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 } };
}

function quantile(sorted: Float64Array, share: number): string {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2);
}

/** Quantiles of all, and the 99th percentile of the median second: other programs hold up some seconds and not others. */
function row(name: string, values: readonly number[]): string[] {
  const sorted = Float64Array.from(values).sort();
  const perSecond = (FEEDS * 1000) / INTERVAL_MS;
  const seconds = Array.from({ length: Math.floor(values.length / perSecond) }, (_, second) => {
    const own = Float64Array.from(values.slice(second * perSecond, (second + 1) * perSecond)).sort();
    return own[Math.floor(0.99 * own.length)]!;
  });
  const all = [0.5, 0.99, 0.999].map((share) => quantile(sorted, share));
  return [name, ...all, median(seconds).toFixed(2), Math.min(...seconds).toFixed(2)];
}

/** (b) Milliseconds from a signed update to the verdict that knows it, wall time. */
export async function sourceToVerdict(): Promise<void> {
  const thread = await play(inThread);
  const loop = await play(onLoop);
  const expected = (SLOTS - WARM_UP_SLOTS) * FEEDS;
  for (const { verdicts } of [thread, loop]) {
    if (verdicts !== expected) throw new Error(`${verdicts} of ${expected} updates became verdicts`);
  }
  sameChecksum('prices verified in the thread and on the event loop', thread.checksum, loop.checksum, 0);
  console.log(
    `(b) source to verdict, wall milliseconds: ${FEEDS} feeds x ${1000 / INTERVAL_MS} updates a second, ` +
      `${expected} verdicts each, checksum ${thread.checksum}`,
  );
  printTable([
    ['', 'p50', 'p99', 'p99.9', 'p99 of the median second', 'of the best'],
    row('message arrived to verdict, verified in a thread', thread.fromArrival),
    row('server sent to verdict, verified in a thread', thread.fromSource),
    row('message arrived to verdict, verified on the event loop', loop.fromArrival),
    row('server sent to verdict, verified on the event loop', loop.fromSource),
  ]);
  const path = cpuOnPath();
  console.log(
    `    CPU time from a message with 100 feeds to the last of their verdicts: p50 ${path.p50.toFixed(2)}, ` +
      `p99 ${path.p99.toFixed(2)} ms over ${path.messages} messages`,
  );
  const busy = ({ loop: { p99, max } }: Run) => `p99 ${p99.toFixed(1)} ms, worst ${max.toFixed(1)} ms`;
  console.log(`    event loop held up: with the thread ${busy(thread)}; without ${busy(loop)}`);
}
