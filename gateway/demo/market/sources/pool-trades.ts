import type { Random } from '../random.ts';

export interface PoolPace {
  /** Fee of the pool as a fraction, e.g. 0.0005. */
  readonly fee: number;
  /** Trades of people who do not look at the price, a market hour. */
  readonly noiseTradesPerHour: number;
  /** Standard deviation of the price move of one such trade, as a fraction of the fee. */
  readonly noiseOfFee: number;
}

/**
 * Where the pool's spot price stands after a step: noise trades push it about, then arbitrage brings it back to the
 * edge of the band fair / (1 + fee) .. fair x (1 + fee), inside of which nobody gains by trading. Returns null when
 * nobody traded.
 */
export function tradePool(
  spot: number,
  fair: number,
  pace: PoolPace,
  seconds: number,
  random: Random,
): number | null {
  let after = spot;
  const hours = seconds / 3600;
  if (random.uniform() < -Math.expm1(-pace.noiseTradesPerHour * hours)) {
    after *= Math.exp(pace.fee * pace.noiseOfFee * random.normal());
  }
  const top = fair * (1 + pace.fee);
  const bottom = fair / (1 + pace.fee);
  after = Math.min(top, Math.max(bottom, after));
  return after === spot ? null : after;
}
