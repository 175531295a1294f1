import type { OptionExpiryData, SmilePoint } from '../../risk/market/option-data.ts';
import { type Svi, sviVolatility } from '../../risk/pricing/svi.ts';
import { SECONDS_PER_YEAR, type UnixMs } from '../../risk/units/time.ts';
import { type Wad, wadToFloat } from '../../risk/units/wad.ts';

/** A smile as a venue says it: raw SVI with the strikes it lists, or volatilities by strike. */
export type VenueSmile =
  | { readonly kind: 'svi'; readonly svi: Omit<Svi, 'tau'>; readonly strikesWad: readonly Wad[] }
  | { readonly kind: 'grid'; readonly points: readonly { strikeWad: Wad; volatility: number }[] };

export interface VenueExpiry {
  readonly expiryMs: UnixMs;
  readonly forwardWad: Wad;
  /** What settlement converges to in the last hour. */
  readonly settlementWad: Wad | null;
  /** Continuous rate per year of the quote asset. */
  readonly rate: number;
  readonly smile: VenueSmile;
  /** Scores from 0 to 1. */
  readonly confidence: { readonly forward: number; readonly rate: number; readonly volatility: number };
}

export interface DepthLevel {
  readonly priceWad: Wad;
  readonly sizeWad: Wad;
}

/** What a venue knows better than an oracle about one of its markets; null = it said nothing. */
export interface VenueData {
  readonly expiries: readonly VenueExpiry[] | null;
  /** Per hour, fraction of the notional; positive = longs pay. */
  readonly fundingRate: number | null;
  /** Base units. */
  readonly openInterestWad: Wad | null;
  /** Best first. */
  readonly depth: { readonly bids: readonly DepthLevel[]; readonly asks: readonly DepthLevel[] } | null;
  /** Of a perp that has ended: the price at which it settled. */
  readonly settlementWad: Wad | null;
  /**
   * The fields below are left out where nothing was said: what was stored before they were there has the same content hash.
   * Until then funding is paid or in the positions' `unsettledFunding`.
   */
  readonly fundingSettledAtMs?: UnixMs;
  readonly nextFundingAtMs?: UnixMs;
  /** Of a series: prices at which past expiries settled. */
  readonly settlements?: readonly { readonly expiryMs: UnixMs; readonly priceWad: Wad }[];
  /** Of collateral that is lent: what is supplied and borrowed in all, units of the asset. */
  readonly suppliedWad?: Wad;
  readonly borrowedWad?: Wad;
}

/** What past answers need of venue data: not the surfaces and order books, which are pushed by the second; null = nothing. */
export function keptOf(data: VenueData): VenueData | null {
  const kept: VenueData = { ...data, expiries: null, openInterestWad: null, depth: null };
  const { fundingRate, settlementWad, settlements, suppliedWad, borrowedWad } = kept;
  const said = fundingRate !== null || settlementWad !== null;
  return said || (settlements ?? suppliedWad ?? borrowedWad) !== undefined ? kept : null;
}

/** Venue data with the order and the age that decide whether it counts. */
export interface StoredVenueData {
  readonly protocol: string;
  readonly market: string;
  readonly sequence: bigint;
  /** Market time at which the venue made it. */
  readonly asOfMs: UnixMs;
  /** It is not used when it is older. */
  readonly maxAgeMs: number;
  readonly data: VenueData;
}

/** The smile's SVI with the time that its total variance is over. */
export function sviOf(smile: Extract<VenueSmile, { kind: 'svi' }>, expiryMs: UnixMs, asOfMs: UnixMs): Svi {
  return { ...smile.svi, tau: (expiryMs - asOfMs) / 1000 / SECONDS_PER_YEAR };
}

/** Strikes that the venue lists at an expiry, ascending. */
export function listedStrikes({ smile }: VenueExpiry): readonly Wad[] {
  return smile.kind === 'svi' ? smile.strikesWad : smile.points.map(({ strikeWad }) => strikeWad);
}

/**
 * One expiry as the modules read it. SVI is told at the strikes that are asked for, where it is exact; a grid as it is.
 */
export function expiryData(
  expiry: VenueExpiry,
  asOfMs: UnixMs,
  strikes: ReadonlySet<number>,
): OptionExpiryData {
  const { forwardWad, settlementWad, rate, smile, confidence } = expiry;
  const forward = wadToFloat(forwardWad);
  return {
    asOfMs,
    forward,
    settlementForward: settlementWad === null ? null : wadToFloat(settlementWad),
    rate,
    smile: smilePoints(smile, forward, expiry.expiryMs, asOfMs, strikes),
    forwardConfidence: confidence.forward,
    rateConfidence: confidence.rate,
    volatilityConfidence: confidence.volatility,
  };
}

function smilePoints(
  smile: VenueSmile,
  forward: number,
  expiryMs: UnixMs,
  asOfMs: UnixMs,
  strikes: ReadonlySet<number>,
): SmilePoint[] {
  if (smile.kind === 'grid') {
    return smile.points.map(({ strikeWad, volatility }) => ({ strike: wadToFloat(strikeWad), volatility }));
  }
  const svi = sviOf(smile, expiryMs, asOfMs);
  return [...strikes]
    .sort((a, b) => a - b)
    .map((strike) => ({ strike, volatility: sviVolatility(svi, forward, strike) }));
}
