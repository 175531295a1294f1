import type { UnixMs } from '../../risk/units/time.ts';
import { type Wad, wadFromDecimal } from '../../risk/units/wad.ts';
import { CLASS_LIMITS, type ClassLimits } from '../config/classes.ts';
import { configHash } from '../config/config-hash.ts';
import type { FeedConfig, SourceConfig } from '../config/feeds.ts';
import type { HoldLimits } from '../guards/hold.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import type { GuardReason } from '../guards/reason.ts';
import type { Quote } from '../quotes/quote.ts';

/** What a quote says in fixed point, and every guard that depends neither on the time nor on another feed. */
export interface PreparedQuote {
  readonly quote: Quote;
  /** Those of the quote: what changes with the time is worked out from here, without looking the quote up. */
  readonly publishTimeMs: UnixMs;
  readonly blockTimeMs: UnixMs | null;
  /** In the source's quote asset; null when the exponent is no scale of a price. */
  readonly priceWad: Wad | null;
  readonly halfWidthWad: Wad;
  /** Both as doubles. */
  readonly priceNumber: number;
  readonly halfWidthNumber: number;
  readonly reasons: readonly GuardReason[];
  /** Known depth: of an observed price in USD, of a pool in its quote asset. */
  readonly depth: number | null;
}

/** A source with everything that its configuration fixes worked out once. */
export interface SourcePlan {
  readonly source: SourceConfig;
  /** Position in the configuration. */
  readonly index: number;
  /** Index of the independence group within the feed. */
  readonly group: number;
  /** The source's weight in millionths. */
  readonly weight: bigint;
  readonly maxAgeMs: number;
  /** `maxAgeMs` in whole milliseconds. */
  readonly wholeMaxAgeMs: bigint;
  /** Half width of a Chainlink answer in millionths of the price; 0n for other kinds. */
  readonly deviationPpm: bigint;
  readonly maxReadAgeMs: number;
  readonly maxLegSkewMs: number;
  readonly quoteAsset: string;
  /** Least depth, as the kind of source measures it, and where its quotes say how much there was. */
  readonly minLiquidity: bigint;
  readonly liquidityDetail: 'harmonicMeanLiquidity' | 'quoteReserve';
  /** The quote that was last prepared: quotes do not change, and are evaluated again with every new `now`. */
  prepared: PreparedQuote | null;
}

export interface FeedPlan {
  readonly config: FeedConfig;
  readonly configHash: string;
  readonly sources: readonly SourcePlan[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly groups: number;
  readonly minWad: bigint;
  readonly maxWad: bigint;
  /** Limits of the feed's class with what the configuration sets in their place. */
  readonly limits: ClassLimits;
  /** Configured limit of confidence over price, in millionths, and that of a source's own. */
  readonly confidenceLimitPpm: bigint;
  readonly sourceConfidenceLimitPpm: bigint;
  readonly hold: HoldLimits;
}

function minLiquidityOf(source: SourceConfig): bigint {
  if (source.kind === 'uniswap-v3-twap') return BigInt(source.minHarmonicLiquidity);
  return source.kind === 'uniswap-v2-twap' ? BigInt(source.minQuoteReserve) : 0n;
}

const plans = new WeakMap<FeedConfig, FeedPlan>();

function makePlan(config: FeedConfig): FeedPlan {
  const groups = new Map<string, number>();
  const sources = config.sources.map((source, index): SourcePlan => {
    const group = groups.get(source.group) ?? groups.size;
    groups.set(source.group, group);
    return {
      source,
      index,
      group,
      weight: BigInt(Math.max(1, Math.round(source.weight * 1e6))),
      maxAgeMs: source.maxAgeSeconds * 1000,
      wholeMaxAgeMs: BigInt(Math.round(source.maxAgeSeconds * 1000)),
      deviationPpm: source.kind === 'chainlink' ? BigInt(Math.round(source.deviationBps * 100)) : 0n,
      maxReadAgeMs: (source.maxReadAgeSeconds ?? GUARD_LIMITS.maxReadAgeSeconds) * 1000,
      maxLegSkewMs: (source.maxLegSkewSeconds ?? GUARD_LIMITS.maxLegSkewSeconds) * 1000,
      quoteAsset: source.quoteAsset ?? config.quote,
      minLiquidity: minLiquidityOf(source),
      liquidityDetail: source.kind === 'uniswap-v2-twap' ? 'quoteReserve' : 'harmonicMeanLiquidity',
      prepared: null,
    };
  });
  const defaults = CLASS_LIMITS[config.class ?? 'major'];
  const limits: ClassLimits = {
    ...defaults,
    maxDeviationBps: config.maxDeviationBps ?? defaults.maxDeviationBps,
    maxConfidenceBps: config.maxConfidenceBps ?? defaults.maxConfidenceBps,
    fullGroups: config.fullGroups ?? (config.class === undefined ? 0 : defaults.fullGroups),
    jumpBps: config.jumpBps ?? defaults.jumpBps,
    deepGroups: config.deepGroups ?? defaults.deepGroups,
    anchorToleranceBps: config.anchorToleranceBps ?? defaults.anchorToleranceBps,
  };
  const confidenceLimitPpm = BigInt(Math.round(limits.maxConfidenceBps * 100));
  return {
    config,
    configHash: configHash(config),
    sources,
    indexOf: new Map(config.sources.map((source, index) => [source.id, index])),
    groups: groups.size,
    minWad: wadFromDecimal(config.minPrice, 'minPrice'),
    maxWad: wadFromDecimal(config.maxPrice, 'maxPrice'),
    limits,
    confidenceLimitPpm,
    sourceConfidenceLimitPpm: confidenceLimitPpm * BigInt(GUARD_LIMITS.sourceConfidenceMultiple),
    hold: {
      holdMs: (config.hold?.seconds ?? GUARD_LIMITS.holdSeconds) * 1000,
      leaveShare: config.hold?.leaveShare ?? GUARD_LIMITS.leaveShare,
    },
  };
}

/** The plan of a configuration, made once per object. */
export function planOf(config: FeedConfig): FeedPlan {
  let plan = plans.get(config);
  if (plan === undefined) {
    plan = makePlan(config);
    plans.set(config, plan);
  }
  return plan;
}
