import type { ScenarioExpiry } from './account.ts';
import type { ExpiryRule } from './losses.ts';
import type { ScenarioPoint } from './parameters.ts';
import { type LegRow, priceRow, rowOf, totalVolatilities } from './row.ts';
import { shockedVolatilities } from './volatility.ts';

/** What each option leg has and loses, by expiry and leg, in quote; losses negative. */
export interface LegShares {
  /** Value at the mark. */
  readonly values: readonly Float64Array[];
  /** Share of the loss; the shares of all legs and the linear part add up to it. */
  readonly legs: readonly Float64Array[];
}

const sum = (array: Float64Array) => {
  let total = 0;
  for (let i = 0; i < array.length; i++) total += array[i]!;
  return total;
};

function valuesAt(
  expiry: ScenarioExpiry,
  row: LegRow,
  df: number,
  spot: number,
  stdDev: Float64Array,
): Float64Array {
  priceRow(expiry, row, df, spot, stdDev);
  return row.amounts.map((amount, i) => amount * row.prices[i]!);
}

/**
 * Splits the loss in one scenario over the option legs: two rows of prices per expiry. `worst` null: the forward loss,
 * when there `isLoss`, else nothing.
 */
export function splitLoss(
  expiries: readonly ScenarioExpiry[],
  rule: ExpiryRule,
  worst: ScenarioPoint | null,
  isLoss: boolean,
): LegShares {
  const values: Float64Array[] = [];
  const legs = expiries.map((expiry) => {
    const df = rule.df(expiry);
    const row = rowOf(expiry);
    const stdDevOf = (shock: ScenarioPoint['volatility']) =>
      totalVolatilities(shockedVolatilities(expiry, shock, rule.volShock, rule.skew), expiry.tau);
    const mark = stdDevOf('none');
    const before = valuesAt(expiry, row, df, 1, mark);
    values.push(before);
    if (worst !== null) {
      const after = valuesAt(expiry, row, df, worst.spot, stdDevOf(worst.volatility));
      const discount = rule.discount(expiry, sum(after) >= 0);
      const change = after.map((value, i) => (value * discount - before[i]!) * worst.dampening);
      const isSkew = worst.volatility === 'linear-skew' || worst.volatility === 'absolute-skew';
      return isSkew && sum(change) > 0 ? change.map((value) => -value) : change;
    }
    if (!isLoss) return new Float64Array(before.length);
    const { spotUp, spotDown, add, multiple } = rule.forwardLoss;
    const moved = (spot: number) =>
      valuesAt(expiry, row, df, spot, mark).map((value, i) => value - before[i]!);
    const [up, down] = [moved(spotUp), moved(spotDown)];
    const worse = sum(up) < sum(down) ? up : down;
    const factor = sum(worse) < 0 ? add + multiple * expiry.tau : 0;
    return worse.map((value) => value * factor);
  });
  return { values, legs };
}
