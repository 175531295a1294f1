import type { ExpiryRule } from './losses.ts';
import type { ScenarioPoint } from './parameters.ts';
import { type LaidOutExpiry, priceRow, totalVolatilities } from './row.ts';
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

/** (after x discount - before) x factor of each leg. */
function changes(after: Float64Array, discount: number, before: Float64Array, factor: number): Float64Array {
  const out = new Float64Array(after.length);
  for (let i = 0; i < out.length; i++) out[i] = (after[i]! * discount - before[i]!) * factor;
  return out;
}

function valuesAt(expiry: LaidOutExpiry, df: number, spot: number, stdDev: Float64Array): Float64Array {
  priceRow(expiry, df, spot, stdDev);
  const { amounts, prices } = expiry.row;
  const out = new Float64Array(prices.length);
  for (let i = 0; i < out.length; i++) out[i] = amounts[i]! * prices[i]!;
  return out;
}

/**
 * Splits the loss in one scenario over the option legs: two rows of prices per expiry. `worst` null: the forward loss,
 * when there `isLoss`, else nothing.
 */
export function splitLoss(
  expiries: readonly LaidOutExpiry[],
  rule: ExpiryRule,
  worst: ScenarioPoint | null,
  isLoss: boolean,
): LegShares {
  const values: Float64Array[] = [];
  const legs = expiries.map((expiry) => {
    const df = rule.df(expiry);
    const stdDevOf = (shock: ScenarioPoint['volatility']) =>
      totalVolatilities(shockedVolatilities(expiry, shock, rule.volShock, rule.skew), expiry.tau);
    const mark = stdDevOf('none');
    const before = valuesAt(expiry, df, 1, mark);
    values.push(before);
    if (worst !== null) {
      const after = valuesAt(expiry, df, worst.spot, stdDevOf(worst.volatility));
      const discount = rule.discount(expiry, sum(after) >= 0);
      const change = changes(after, discount, before, worst.dampening);
      const isSkew = worst.volatility === 'linear-skew' || worst.volatility === 'absolute-skew';
      return isSkew && sum(change) > 0 ? changes(after, discount, before, -worst.dampening) : change;
    }
    if (!isLoss) return new Float64Array(before.length);
    const { spotUp, spotDown, add, multiple } = rule.forwardLoss;
    const [up, down] = [valuesAt(expiry, df, spotUp, mark), valuesAt(expiry, df, spotDown, mark)];
    const worse = sum(up) < sum(down) ? up : down;
    const factor = sum(worse) < sum(before) ? add + multiple * expiry.tau : 0;
    return changes(worse, 1, before, factor);
  });
  return { values, legs };
}
