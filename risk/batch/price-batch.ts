import { InvalidInputError } from '../errors.ts';
import type { ScenarioExpiry } from '../modules/scenario/account.ts';
import type { Batch } from './batch.ts';
import { gridPlan } from './grid-plan.ts';
import { type GridTerms, priceExpiry, writeColumns } from './price-grid.ts';

/**
 * Prices one tick: every option in every scenario, once. Marks in `batch.changed` the instruments whose holders need a
 * new margin, and returns their number. Amounts of the chain's legs are not read.
 * @throws InvalidInputError when chain or scenarios are not of the shape that the batch was made with.
 */
export function priceBatch(
  batch: Batch,
  terms: GridTerms,
  chain: readonly ScenarioExpiry[],
  linearPrices: ArrayLike<number>,
): number {
  const { arrays, counts, plan, changed } = batch;
  const { expiryStarts } = counts;
  const expiries = expiryStarts.length - 1;
  const options = expiryStarts[expiries]!;
  const expected = gridPlan(terms.scenarios).scenarioOf;
  if (expected.length !== plan.scenarioOf.length || expected.some((s, i) => s !== plan.scenarioOf[i])) {
    throw new InvalidInputError('scenarios', 'must be the kinds that the batch was made with, in order');
  }
  if (chain.length !== expiries) throw new InvalidInputError('chain', `must have ${expiries} expiries`);
  chain.forEach((expiry, e) => {
    const expectedLegs = expiryStarts[e + 1]! - expiryStarts[e]!;
    if (expiry.legs.length !== expectedLegs) {
      throw new InvalidInputError(`chain[${e}].legs`, `must be ${expectedLegs}`);
    }
  });
  if (linearPrices.length !== counts.linears) {
    throw new InvalidInputError('linearPrices', `must be ${counts.linears}`);
  }
  changed.fill(writeColumns(arrays, plan, terms) ? 1 : 0);
  chain.forEach((expiry, e) => {
    const first = expiryStarts[e]!;
    const factors = priceExpiry(arrays, plan, terms, expiries, e, expiry, first, options, changed);
    if (factors) changed.fill(1, first, expiryStarts[e + 1]!);
  });
  for (let k = 0; k < counts.linears; k++) {
    if (arrays.linearPrices[k] !== linearPrices[k]) changed[options + k] = 1;
    arrays.linearPrices[k] = linearPrices[k]!;
  }
  let count = 0;
  for (const each of changed) if (each !== 0) count++;
  return count;
}
