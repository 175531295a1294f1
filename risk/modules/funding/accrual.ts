import type { MarketSnapshot } from '../../market/market-data.ts';
import type { FundingRate } from '../../market/venue-terms.ts';
import type { Reason } from '../../market/verdict.ts';
import type { PerpPosition } from '../../portfolio/portfolio.ts';
import { wadFromNumber } from '../../units/decimal.ts';
import { MS_PER_HOUR, type UnixMs } from '../../units/time.ts';
import { absWad, ceilDiv, floorDiv, WAD, type Wad } from '../../units/wad.ts';
import { type DerivativePosition, isInverse, netSize, type PerpGroup } from '../book/derivative.ts';
import type { FundingParameters } from './parameters.ts';

/** Funding of one perp market now. */
export interface MarketFunding {
  readonly nowMs: UnixMs;
  readonly rateWad: Wad;
  /** From here on the rate counts where a position says nothing of its own. */
  readonly fromMs: UnixMs;
  /** Time until the last payment within the horizon. */
  readonly aheadMs: number;
  /** Why the rate is too old to give credit; null: it is not. */
  readonly stale: Reason | null;
}

const HOUR = BigInt(MS_PER_HOUR);

/** Rate, times and age of a market's funding; null: the venue says nothing; a reason: what it says is not sound. */
export function marketFunding(
  { market }: Pick<PerpGroup, 'market'>,
  { asOfMs: nowMs, funding }: Pick<MarketSnapshot, 'asOfMs' | 'funding'>,
  p: FundingParameters,
): MarketFunding | Reason | null {
  const told = market.kind === 'perp' ? funding?.get(market.id) : undefined;
  if (told === undefined) return null;
  const { ratePerHour, asOfMs, maxAgeMs, settledAtMs, nextAtMs } = told;
  const times = [asOfMs, settledAtMs ?? 0, nextAtMs ?? 0];
  const sound = Math.abs(ratePerHour) <= 1 && times.every(Number.isSafeInteger) && asOfMs <= nowMs;
  if (!sound) {
    const message = `the funding rate of ${market.id} or its times are not sound`;
    return { code: 'funding-invalid', message, subject: market.id };
  }
  const ageMs = nowMs - asOfMs;
  const oldest = Math.min(maxAgeMs, p.maxDataAgeSeconds * 1000);
  const message = `the funding rate of ${market.id} is ${ageMs / 1000} s old: it gives no credit`;
  return {
    nowMs,
    rateWad: wadFromNumber(ratePerHour),
    fromMs: settledAtMs ?? asOfMs,
    aheadMs: aheadOf(told, nowMs, p.horizonHours * MS_PER_HOUR),
    stale: ageMs <= oldest ? null : { code: 'funding-stale', message, subject: market.id },
  };
}

/** Time from now to the last payment within the horizon; all of the horizon where funding is paid all the time. */
function aheadOf({ settledAtMs, nextAtMs }: FundingRate, nowMs: UnixMs, horizonMs: number): number {
  if (nextAtMs === null) return horizonMs;
  const interval = settledAtMs === null ? null : nextAtMs - settledAtMs;
  if (interval === null || interval <= 0) {
    // of a time that is past nobody knows when the next payment is
    if (nextAtMs <= nowMs) return horizonMs;
    return nextAtMs - nowMs <= horizonMs ? nextAtMs - nowMs : 0;
  }
  const last = nextAtMs + Math.floor((nowMs + horizonMs - nextAtMs) / interval) * interval;
  return Math.max(0, last - nowMs);
}

/** Notional of a size at the index, in quote; contracts settled in the coin are worth their number whatever it is. */
function fundedWad(group: PerpGroup, sizeWad: Wad): { readonly amount: bigint; readonly unit: bigint } {
  return isInverse(group)
    ? { amount: sizeWad, unit: WAD }
    : { amount: sizeWad * group.index.priceWad, unit: WAD * WAD };
}

/**
 * Funding that a position has accrued by the venue's rate and that is in neither its `unsettledFundingWad` nor cash, in
 * quote, rounded down: - notional at the index x rate x hours. A rate that is too old takes and does not give.
 */
export function accruedOf(group: PerpGroup, position: DerivativePosition, funding: MarketFunding): Wad {
  if (position.kind !== 'perp' || funding.rateWad === 0n) return 0n;
  const ownMs = position.fundingFromMs ?? funding.fromMs;
  // of a time that has not come the position has no credit, and is not spared what it owes
  const fromMs = ownMs > funding.nowMs ? funding.fromMs : Math.max(funding.fromMs, ownMs);
  if (!(fromMs < funding.nowMs)) return 0n;
  const { amount, unit } = fundedWad(group, position.sizeWad);
  const accrued = floorDiv(
    -amount * funding.rateWad * BigInt(Math.ceil(funding.nowMs - fromMs)),
    unit * HOUR,
  );
  const noCredit = funding.stale !== null || ownMs > funding.nowMs;
  return noCredit && accrued > 0n ? 0n : accrued;
}

/**
 * What the net position of a market pays within the horizon, in quote, rounded up. Who receives pays nothing; while the
 * rate is too old to say who pays, either side is charged for initial margin.
 */
export function paymentOf(
  group: PerpGroup,
  funding: MarketFunding,
): { readonly initial: Wad; readonly maintenance: Wad } {
  const net = netSize(group.positions);
  const { amount, unit } = fundedWad(group, net);
  const rate = absWad(funding.rateWad);
  const size = ceilDiv(absWad(amount) * rate * BigInt(Math.ceil(funding.aheadMs)), unit * HOUR);
  const pays = net > 0n === funding.rateWad > 0n;
  return { initial: pays || funding.stale !== null ? size : 0n, maintenance: pays ? size : 0n };
}

/** The position as if its funding counted from now on where it would be paid: what is not held yet has earned nothing. */
export function withoutFundingCredit<T extends PerpPosition>(position: T, market: MarketSnapshot): T {
  const told = market.funding?.get(position.market);
  const receives = told !== undefined && told.ratePerHour * Math.sign(Number(position.sizeWad)) < 0;
  return receives ? { ...position, fundingFromMs: market.asOfMs } : position;
}
