import { blackPrices } from '../../batch/black-prices.ts';
import type { ScenarioExpiry } from './account.ts';

/** The legs of one expiry side by side, as the row pricer takes them; in the order of the legs. */
export interface LegRow {
  readonly strikes: Float64Array;
  /** 1 or 0. */
  readonly calls: Uint8Array;
  readonly amounts: Float64Array;
  /** Written by `priceRow`: price of one unit of each leg. */
  readonly prices: Float64Array;
}

/** An expiry whose legs are laid out already, for repricing it many times. */
export interface LaidOutExpiry extends ScenarioExpiry {
  readonly row: LegRow;
}

export function layOut(expiry: ScenarioExpiry): LaidOutExpiry {
  if ('row' in expiry) return expiry as LaidOutExpiry;
  const { legs } = expiry;
  const count = legs.length;
  const row = {
    strikes: new Float64Array(count),
    calls: new Uint8Array(count),
    amounts: new Float64Array(count),
    prices: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    const leg = legs[i]!;
    row.strikes[i] = leg.strike;
    row.calls[i] = leg.isCall ? 1 : 0;
    row.amounts[i] = leg.amount;
  }
  return { ...expiry, row };
}

/** Total volatilities, vol sqrt(tau), from annualised ones; in place. */
export function totalVolatilities(volatilities: Float64Array, tau: number): Float64Array {
  const root = Math.sqrt(tau);
  for (let i = 0; i < volatilities.length; i++) volatilities[i]! *= root;
  return volatilities;
}

/**
 * Prices the legs of an expiry at a spot multiplier into its row and returns their value, the sum of amount x
 * price. `stdDev` is the total volatility of each leg.
 */
export function priceRow(expiry: LaidOutExpiry, df: number, spotShock: number, stdDev: Float64Array): number {
  const { strikes, calls, amounts, prices } = expiry.row;
  const forward = expiry.forwardFixed + expiry.forwardVariable * spotShock;
  blackPrices(forward, df, strikes, stdDev, calls, prices, prices.length);
  let total = 0;
  for (let i = 0; i < prices.length; i++) total += amounts[i]! * prices[i]!;
  return total;
}
