import { InvalidInputError } from '../errors.ts';
import type { ScenarioExpiry } from '../modules/scenario/account.ts';
import type { VolShock } from '../modules/scenario/parameters.ts';
import type { ScenarioTerms } from '../modules/scenario/terms.ts';
import { shockedVolatilities } from '../modules/scenario/volatility.ts';
import { blackPrices } from './black-prices.ts';
import { type GridPlan, MARK_COLUMNS } from './grid-plan.ts';
import type { BatchArrays } from './layout.ts';
import { BLOCK } from './wasm/kernel.ts';

export type GridTerms = Pick<ScenarioTerms, 'scenarios' | 'rule'>;

/**
 * Writes the columns that do not depend on an expiry: linear PnL per notional, and the weight of the mark. Returns
 * whether one changed.
 * @throws InvalidInputError for a shock that is not finite: it would drop out of the minimum unseen.
 */
export function writeColumns(arrays: BatchArrays, plan: GridPlan, terms: GridTerms): boolean {
  const { columns } = arrays;
  let changed = false;
  for (let column = 0; column < plan.blocks * BLOCK; column++) {
    const scenario = terms.scenarios[plan.scenarioOf[column]!];
    const block = Math.floor(column / BLOCK);
    const at = block * 2 * BLOCK + (column % BLOCK);
    const isMove = block < plan.markBlocks && (column % BLOCK === 1 || column % BLOCK === 2);
    const perLinear = scenario ? (scenario.spot - 1) * scenario.dampening : 0;
    const perMark = scenario ? scenario.dampening : isMove ? 1 : 0;
    if (!Number.isFinite(perLinear) || !Number.isFinite(perMark)) {
      throw new InvalidInputError(`scenarios[${plan.scenarioOf[column]}]`, 'shock must be finite');
    }
    changed ||= columns[at] !== perLinear || columns[at + BLOCK] !== perMark;
    columns[at] = perLinear;
    columns[at + BLOCK] = perMark;
  }
  return changed;
}

/** The spot multiplier of a column without a scenario, null where the column is empty. */
function markSpot(block: number, column: number, plan: GridPlan, terms: GridTerms): number | null {
  if (block >= plan.markBlocks || column >= MARK_COLUMNS) return null;
  return column === 0 ? 1 : column === 1 ? terms.rule.forwardLoss.spotUp : terms.rule.forwardLoss.spotDown;
}

/**
 * Prices every option of one expiry in every column, and writes the expiry's discount factors. Marks in `changed`
 * (by option) what differs from what stood there; an option with a price that is not finite in any column
 * loses its mark, so that its holders have no loss rather than a wrong one. Returns whether a factor changed.
 */
export function priceExpiry(
  arrays: BatchArrays,
  plan: GridPlan,
  terms: GridTerms,
  expiries: number,
  e: number,
  expiry: ScenarioExpiry,
  first: number,
  options: number,
  changed: Uint8Array,
): boolean {
  const { matrix, factors, forwardFactors } = arrays;
  const { rule } = terms;
  const { legs, tau } = expiry;
  const df = rule.df(expiry);
  const root = Math.sqrt(tau);
  const positive = rule.discount(expiry, true);
  const negative = rule.discount(expiry, false);
  const forwardFactor = rule.forwardLoss.add + rule.forwardLoss.multiple * tau;
  let factorChanged = forwardFactors[e] !== forwardFactor;
  forwardFactors[e] = forwardFactor;
  const strikes = Float64Array.from(legs, (leg) => leg.strike);
  const calls = Uint8Array.from(legs, (leg) => (leg.isCall ? 1 : 0));
  const prices = new Float64Array(legs.length);
  const stdDevs = new Map<VolShock, Float64Array>();
  for (let block = 0; block < plan.blocks; block++) {
    for (let column = 0; column < BLOCK; column++) {
      const scenario = terms.scenarios[plan.scenarioOf[block * BLOCK + column]!];
      const mark = markSpot(block, column, plan, terms);
      const spot = scenario?.spot ?? mark;
      const dampening = scenario?.dampening ?? 1;
      const a = spot === null ? 0 : scenario ? ((positive + negative) / 2) * dampening : 1;
      const b = scenario ? ((positive - negative) / 2) * dampening : 0;
      const at = (block * expiries + e) * 2 * BLOCK + column;
      factorChanged ||= factors[at] !== a || factors[at + BLOCK] !== b;
      factors[at] = a;
      factors[at + BLOCK] = b;
      if (spot === null) continue;
      const shock = scenario?.volatility ?? 'none';
      let stdDev = stdDevs.get(shock);
      if (!stdDev) {
        stdDev = shockedVolatilities(expiry, shock, rule.volShock, rule.skew);
        for (let i = 0; i < stdDev.length; i++) stdDev[i]! *= root;
        stdDevs.set(shock, stdDev);
      }
      const forward = expiry.forwardFixed + expiry.forwardVariable * spot;
      blackPrices(forward, df, strikes, stdDev, calls, prices, legs.length);
      let cell = (block * options + first) * BLOCK + column;
      for (let i = 0; i < legs.length; i++, cell += BLOCK) {
        const price = prices[i]!;
        if (!Number.isFinite(price)) changed[first + i] = 2;
        else if (matrix[cell] !== price) changed[first + i]! |= 1;
        matrix[cell] = price;
      }
    }
  }
  const bad = !Number.isFinite(positive) || !Number.isFinite(negative) || !Number.isFinite(forwardFactor);
  for (let i = first; i < first + legs.length; i++) {
    if (bad || changed[i]! & 2) voidRow(arrays, plan, options, i);
  }
  return factorChanged;
}

/** Without a mark an option has no value in any scenario; the kernel makes the whole loss NaN from that. */
function voidRow(arrays: BatchArrays, plan: GridPlan, options: number, option: number): void {
  for (let block = 0; block < plan.markBlocks; block++) {
    arrays.matrix[(block * options + option) * BLOCK] = Number.NaN;
  }
}
