import { createHash } from 'node:crypto';
import { EMPTY_CONTEXT, evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import { ASSET_CLASSES, type AssetClass } from '../../../oracles/config/classes.ts';
import { type FeedConfig, feedSchema, observedFeedSchema } from '../../../oracles/config/feeds.ts';
import { advanceMemory, EMPTY_MEMORY, type FeedMemory } from '../../../oracles/guards/memory.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import type { Quote, SourceReport } from '../../../oracles/quotes/quote.ts';
import { address, chainlink, failure, feed, NOW, priceId, pyth, quote, twap } from './feeds.ts';

type Random = () => number;

/** Multiplicative congruential generator: the same evaluations on every machine. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

/** Seven sources in four groups, the pools' prices in USDC; with a class or without one. */
function mixedFeed(assetClass: AssetClass | undefined, random: Random): FeedConfig {
  const inUsdc = { quoteAsset: 'USDC', quoteFeed: 'USDC-USD', maxAgeSeconds: 600 } as const;
  const onChain = { chain: 'hub', contract: address('9'), priceId: priceId('a'), maxAgeSeconds: 600.5 };
  return feed({
    ...(assetClass === undefined ? {} : { class: assetClass }),
    ...(random() < 0.3 ? { minGroups: 2 } : {}),
    sources: [
      pyth({ weight: pick(random, [1, 0.5, 3]) }),
      chainlink(),
      twap({ ...inUsdc, minHarmonicLiquidity: '1000' }),
      pyth({ kind: 'pyth-onchain', id: 'pyth:hub', ...onChain } as Parameters<typeof pyth>[0]),
      chainlink({ id: 'chainlink:l2', chain: 'l2', deviationBps: 25.5 } as Parameters<typeof chainlink>[0]),
      twap({ ...inUsdc, id: 'twap:l2', group: 'pool:l2', chain: 'l2' } as Parameters<typeof twap>[0]),
      pyth({ kind: 'pyth-onchain', id: 'pyth:l2', ...onChain, chain: 'l2' } as Parameters<typeof pyth>[0]),
    ],
  });
}

/** Prices that were handed in by observers of exchanges and pools, some with known depth. */
function observedFeed(assetClass: AssetClass, random: Random): FeedConfig {
  const count = 2 + Math.floor(random() * 6);
  return observedFeedSchema.parse({
    id: 'ETH-USD',
    base: 'ETH',
    quote: 'USD',
    class: assetClass,
    minPrice: '10',
    maxPrice: '100000',
    sources: Array.from({ length: count }, (_, index) => ({
      kind: 'observed',
      id: `s:${index}`,
      group: `g${index % 5}`,
      method: pick(random, ['cex', 'cex', 'dex-twap', 'dex-spot']),
      maxAgeSeconds: 60,
    })),
  });
}

const usdc = feedSchema.parse({
  id: 'USDC-USD',
  base: 'USDC',
  quote: 'USD',
  class: 'stable',
  fullGroups: 2,
  minPrice: '0.5',
  maxPrice: '2',
  sources: [pyth({ priceId: priceId('b') }), chainlink()],
});

/** One report: mostly in order, now and then one of the faults that a source can have. */
function reportOf(
  config: FeedConfig,
  index: number,
  price: number,
  nowMs: number,
  random: Random,
): SourceReport {
  const source = config.sources[index]!;
  if (random() < 0.03)
    return failure(config, source.id, pick(random, ['no-report', 'sequencer', 'unit']), nowMs);
  const observed = source.kind === 'observed';
  const fault = random();
  const wrong =
    fault < 0.02 ? 1 + random() : fault < 0.05 ? 1 + 0.08 * (random() - 0.5) : fault < 0.055 ? 0 : 1;
  const scaled = BigInt(Math.round(price * wrong * (1 + 0.002 * (random() - 0.5)) * 1e8));
  const ageMs = fault > 0.97 ? 1e6 * (random() - 0.1) : Math.floor(random() * 5000);
  const wide = fault > 0.94 && fault < 0.97 ? BigInt(Math.floor(20 + 200 * random())) : 5000n;
  const depth = { liquidityUsd: Math.round(10 ** (5 + 3 * random())), windowSeconds: 1800 };
  const pool = {
    harmonicMeanLiquidity: String(Math.round(10 ** (2 + 16 * random()))),
    feePips: pick(random, [100, 500, 3000]),
  };
  const details: Quote['details'] =
    source.kind === 'chainlink'
      ? { minAnswer: '1', maxAnswer: fault < 0.06 ? scaled.toString() : '1000000000000000' }
      : observed
        ? random() < 0.6
          ? depth
          : { windowSeconds: 1800 }
        : pool;
  return quote(config, source.id, 1, {
    price: scaled,
    confidence: source.kind.startsWith('pyth') || wide < 5000n ? scaled / wide : 0n,
    publishTimeMs: nowMs - ageMs,
    receivedAtMs: nowMs,
    ...('chain' in source ? { blockTimeMs: nowMs - (random() < 0.02 ? 400_000 : 1000) } : {}),
    details,
  });
}

/** What the book would know beside: a sequencer, an exchange rate, the same asset elsewhere. */
function withComparisons(memory: FeedMemory, price: number, nowMs: number, random: Random): FeedMemory {
  const wad = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 10n ** 12n;
  const odd = random();
  return {
    ...memory,
    sequencer: odd < 0.03 ? { up: odd < 0.02, sinceSeconds: Math.floor(random() * 5000) } : null,
    rateAnchor:
      odd > 0.8
        ? {
            priceWad: wad(price * (0.97 + 0.04 * random())),
            atMs: nowMs - 86_400_000,
            maxYearlyGrowthBps: 1000,
          }
        : null,
    otherChains:
      odd > 0.9
        ? [{ chain: 'l2', priceWad: wad(price * (0.98 + 0.04 * random())), atMs: nowMs - 60_000 }]
        : [],
  };
}

/** A feed over `steps` moments with memory; most quotes stay the same object from one to the next. */
function* play(
  config: FeedConfig,
  steps: number,
  random: Random,
  remembers: boolean,
): Generator<RobustPrice> {
  let memory = EMPTY_MEMORY;
  let price = 1000;
  let nowMs = NOW;
  const every = () => config.sources.map((_, index) => reportOf(config, index, price, nowMs, random));
  let reports = every();
  for (let step = 0; step < steps; step += 1) {
    nowMs += pick(random, [1, 400, 1000, 12_000, 61_000]);
    price *= 1 + (random() < 0.03 ? 0.2 : 0.004) * (random() - 0.5);
    reports =
      random() < 0.2
        ? every()
        : reports.map((old, index) =>
            random() < 0.25 ? reportOf(config, index, price, nowMs, random) : old,
          );
    const usdcReports = usdc.sources.map((_, index) => reportOf(usdc, index, 1, nowMs, random));
    const leg = evaluateFeed(usdc, usdcReports, nowMs, EMPTY_CONTEXT);
    const quotePrices = new Map(random() < 0.02 ? [] : [[usdc.id, leg]]);
    const shuffled = random() < 0.05 ? [...reports].reverse() : reports;
    const given = random() < 0.02 ? shuffled.slice(1) : shuffled;
    const known = remembers ? withComparisons(memory, price, nowMs, random) : null;
    const answer = evaluateFeed(config, given, nowMs, { quotePrices, memory: known });
    if (known !== null) memory = advanceMemory(known, answer);
    yield answer;
  }
}

export interface Digest {
  /** sha256 over the JSON of every answer in turn, without the hash of the configuration. */
  readonly digest: string;
  /** How many formed a price; how many were usable for `open`; reasons in all. */
  readonly formed: number;
  readonly usable: number;
  readonly reasons: number;
}

/** Digest of `feeds` x `steps` random evaluations of one class (null: none), faults and memory included. */
export function digestOfEvaluations(
  assetClass: AssetClass | null,
  seed: number,
  feeds: number,
  steps: number,
): Digest {
  const random = seeded(seed);
  const hash = createHash('sha256');
  let [formed, usable, reasons] = [0, 0, 0];
  for (let index = 0; index < feeds; index += 1) {
    const observed = assetClass !== null && index % 2 === 1;
    const config = observed ? observedFeed(assetClass, random) : mixedFeed(assetClass ?? undefined, random);
    for (const answer of play(config, steps, random, assetClass !== null)) {
      const { configHash: _, ...told } = answer;
      hash.update(
        JSON.stringify(told, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
      );
      formed += Number(answer.market !== null);
      usable += Number(answer.verdicts.open.usable);
      reasons += answer.votes.reduce((sum, vote) => sum + vote.reasons.length, 0);
    }
  }
  return { digest: hash.digest('hex').slice(0, 32), formed, usable, reasons };
}

export const DIGEST_CLASSES: readonly (AssetClass | null)[] = [null, ...ASSET_CLASSES];
