import { evaluateFeed } from '../../oracles/aggregation/evaluate.ts';
import { configHash } from '../../oracles/config/config-hash.ts';
import type { FeedConfig } from '../../oracles/config/feeds.ts';
import type { FeedMemory } from '../../oracles/guards/memory.ts';
import type { SourceReport } from '../../oracles/quotes/quote.ts';
import { cpuSeconds, median, printTable, sameChecksum } from '../timing.ts';
import {
  firstPrice,
  makeFeed,
  makeMemory,
  makeRandom,
  makeReport,
  makeReports,
  makeUsdcFeed,
  NOW_MS,
  SOURCES,
} from './data.ts';
import { plainPrice } from './plain.ts';

const FEEDS = 50;
const ROUNDS = 61;
const WARM_UP = 30;
/** Market seconds per round; each feed is judged once per second. */
const STEPS = 20;
const MOD = 998_244_353n;

interface Work {
  readonly config: FeedConfig;
  readonly reports: readonly SourceReport[];
  readonly memory: FeedMemory;
  readonly nowMs: number;
}

type Fresh = 'one' | 'all';

/** What is judged in a round, made beforehand: every quote is an object that has not been seen. */
function makeWork(fresh: Fresh, feeds: readonly FeedConfig[], random: () => number): Work[] {
  const latest = feeds.map((config, feed) => makeReports(config, firstPrice(feed), random, NOW_MS));
  return Array.from({ length: STEPS }, (_, step) =>
    feeds.map((config, feed) => {
      const price = firstPrice(feed);
      const nowMs = NOW_MS + 1000 * step;
      const source = step % SOURCES;
      const reports =
        fresh === 'all'
          ? makeReports(config, price, random, nowMs)
          : latest[feed]!.map((report, index) =>
              index === source
                ? makeReport(config, index, price * (1 + 0.001 * (random() - 0.5)), nowMs)
                : report,
            );
      latest[feed] = reports;
      return { config, reports, memory: makeMemory(price), nowMs };
    }),
  ).flat();
}

const fold = (sum: number, price: bigint, confidence: bigint): number =>
  (sum * 31 + Number(price % MOD) + Number(confidence % MOD)) % 2 ** 40;

/** (a) Verdicts per CPU second of one core: the pure function alone. */
export function verdictsPerSecond(): void {
  const random = makeRandom();
  const feeds = Array.from({ length: FEEDS }, (_, feed) => makeFeed(feed));
  const usdc = makeUsdcFeed();
  const usdcReports = makeReports(usdc, 1, random, NOW_MS, 0.0001);
  const quotePrices = Array.from({ length: STEPS }, (_, step) => {
    const price = evaluateFeed(usdc, usdcReports, NOW_MS + 1000 * step);
    return new Map([[price.feedId, price]]);
  });
  const times: Record<Fresh | 'plain', number[]> = { one: [], all: [], plain: [] };
  const sums = { real: 0, plain: 0 };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const fresh of ['one', 'all'] as const) {
      const work = makeWork(fresh, feeds, random);
      const found: { price: bigint; confidence: bigint }[] = [];
      const seconds = cpuSeconds(() => {
        for (let index = 0; index < work.length; index++) {
          const { config, reports, memory, nowMs } = work[index]!;
          const context = { quotePrices: quotePrices[Math.floor(index / FEEDS)]!, memory };
          const { market, verdicts } = evaluateFeed(config, reports, nowMs, context);
          if (market === null || !verdicts.open.usable) throw new Error(`${config.id} has no usable verdict`);
          found.push({ price: market.priceWad, confidence: market.confidenceWad });
        }
      });
      if (round >= 0) times[fresh].push(seconds / work.length);
      if (fresh === 'one') continue;
      for (const { price, confidence } of found) sums.real = fold(sums.real, price, confidence);
      const plain: typeof found = [];
      const plainSeconds = cpuSeconds(() => {
        for (let index = 0; index < work.length; index++) {
          const { config, reports, nowMs } = work[index]!;
          const { market } = quotePrices[Math.floor(index / FEEDS)]!.get('USDC-USD')!;
          const quote = { price: market!.priceWad, confidence: market!.confidenceWad };
          plain.push(plainPrice(config, reports, nowMs, quote));
        }
      });
      for (const { price, confidence } of plain) sums.plain = fold(sums.plain, price, confidence);
      if (round >= 0) times.plain.push(plainSeconds / work.length);
    }
  }
  sameChecksum('verdicts and the plain version', sums.real, sums.plain, 0);
  console.log(
    `(a) verdicts per CPU second of one core: ${SOURCES} sources per feed in 4 groups, class major, memory, ` +
      `median of ${ROUNDS} rounds of ${FEEDS * STEPS}; checksum ${sums.real}`,
  );
  console.log(`    configuration ${configHash(feeds[0]!)}`);
  const line = (name: string, seconds: readonly number[]) => [
    name,
    Math.round(1 / median(seconds)).toString(),
    (median(seconds) * 1e6).toFixed(2),
  ];
  printTable([
    ['', 'per second', 'microseconds'],
    line('one of seven quotes is new', times.one),
    line('all seven are new', times.all),
    line('plain version, price and confidence only, all new', times.plain),
  ]);
}
