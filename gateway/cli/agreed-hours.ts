import { EMPTY_CONTEXT, evaluateFeed } from '../../oracles/aggregation/evaluate.ts';
import type { AssetClass } from '../../oracles/config/classes.ts';
import { type FeedConfig, observedFeedSchema } from '../../oracles/config/feeds.ts';
import { advanceMemory, EMPTY_MEMORY } from '../../oracles/guards/memory.ts';
import type { SourceReport } from '../../oracles/quotes/quote.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { HourClose } from './venue-files.ts';

/** Venues within 50 bp of each other agree; the rest is room for rounding. */
const AGREED_SHARE = 0.005 + 1e-12;
export const MIN_VENUES = 3;
/** A venue's last trade is in order for five minutes. */
const MAX_AGE_SECONDS = 300;

/** Hours of one asset in one year. */
export interface YearCount {
  readonly asset: string;
  readonly year: number;
  /** With three venues that reported at all. */
  hours: number;
  agreed: number;
  marginRefused: number;
  liquidateRefused: number;
  refused: number;
  readonly reasons: Map<string, number>;
}

/** Whether at least three of these prices lie within 50 bp of each other. */
export function agrees(prices: readonly number[]): boolean {
  const sorted = [...prices].sort((a, b) => a - b);
  return sorted.some((low, index) => {
    const third = sorted[index + MIN_VENUES - 1];
    return third !== undefined && third <= low * (1 + AGREED_SHARE);
  });
}

export interface Venue {
  readonly name: string;
  readonly closes: ReadonlyMap<UnixMs, HourClose>;
}

function configOf(asset: string, assetClass: AssetClass, venues: readonly Venue[]): FeedConfig {
  return observedFeedSchema.parse({
    id: `${asset}-USD`,
    base: asset,
    quote: 'USD',
    class: assetClass,
    minPrice: '0.000000000000000001',
    maxPrice: '1000000000000000000',
    sources: venues.map(({ name }) => ({
      kind: 'observed',
      id: name,
      group: name,
      method: 'cex',
      maxAgeSeconds: MAX_AGE_SECONDS,
    })),
  });
}

function reportOf(feed: FeedConfig, venue: string, { price, atMs }: HourClose): SourceReport {
  return {
    ok: true,
    quote: {
      feedId: feed.id,
      sourceId: venue,
      kind: 'observed',
      base: feed.base,
      quoteAsset: feed.quote,
      price: BigInt(Math.round(price * 1e8)),
      expo: -8,
      confidence: 0n,
      publishTimeMs: atMs,
      receivedAtMs: atMs,
      chain: null,
      blockNumber: null,
      blockTimeMs: null,
      independenceGroup: venue,
      details: {},
    },
  };
}

/**
 * Plays every hour of an asset in order through the defaults of its class, with the memory that a running book has,
 * and counts the agreed hours in which margin or liquidation is refused.
 */
export function countAgreedHours(
  asset: string,
  assetClass: AssetClass,
  venues: readonly Venue[],
): readonly YearCount[] {
  const config = configOf(asset, assetClass, venues);
  const ends = [...new Set(venues.flatMap(({ closes }) => [...closes.keys()]))].sort((a, b) => a - b);
  const years = new Map<number, YearCount>();
  let memory = EMPTY_MEMORY;
  for (const nowMs of ends) {
    const now = venues.flatMap(({ name, closes }) => {
      const close = closes.get(nowMs);
      return close === undefined || nowMs - close.atMs > MAX_AGE_SECONDS * 1000 ? [] : [{ name, close }];
    });
    const reports = now.map(({ name, close }) => reportOf(config, name, close));
    const price = evaluateFeed(config, reports, nowMs, { ...EMPTY_CONTEXT, memory });
    memory = advanceMemory(memory, price);
    const { verdicts } = price;
    if (now.length < MIN_VENUES) continue;
    const year = new Date(nowMs - 1).getUTCFullYear();
    const count = years.get(year) ?? newYear(asset, year);
    years.set(year, count);
    count.hours += 1;
    if (!agrees(now.map(({ close }) => close.price))) continue;
    count.agreed += 1;
    const { margin, liquidate } = verdicts;
    if (!margin.usable) count.marginRefused += 1;
    if (!liquidate.usable) count.liquidateRefused += 1;
    if (margin.usable && liquidate.usable) continue;
    count.refused += 1;
    const code = (liquidate.usable ? margin : liquidate).reasons[0]?.code ?? 'none';
    count.reasons.set(code, (count.reasons.get(code) ?? 0) + 1);
  }
  return [...years.values()];
}

const newYear = (asset: string, year: number): YearCount => ({
  asset,
  year,
  hours: 0,
  agreed: 0,
  marginRefused: 0,
  liquidateRefused: 0,
  refused: 0,
  reasons: new Map(),
});
