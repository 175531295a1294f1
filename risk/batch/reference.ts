import type { ScenarioExpiry } from '../modules/scenario/account.ts';
import { shockedVolatilities } from '../modules/scenario/volatility.ts';
import { isSkew } from './grid-plan.ts';
import { fastBlackPrice } from './option-pricer.ts';
import type { GridTerms } from './price-grid.ts';

/** Result of one account, as the batch has it. */
export interface ReferenceLoss {
  readonly value: number;
  readonly loss: number;
}

/**
 * The margin of one account in plain words: every position is priced in every scenario, per expiry the shocked value is
 * discounted by its sign, the worst counts. `book` holds the account's own legs with their amounts, `linear` is its
 * notional in perps and collateral. The batch is tested against this, and this against the scenario module; it is
 * also the straightforward version that the benchmark compares with.
 */
export function referenceLoss(
  book: readonly ScenarioExpiry[],
  linear: number,
  { scenarios, rule }: GridTerms,
): ReferenceLoss {
  let value = 0;
  let forwardLoss = 0;
  const pnl = new Float64Array(scenarios.length);
  for (const expiry of book) {
    const df = rule.df(expiry);
    const root = Math.sqrt(expiry.tau);
    const valueAt = (spot: number, volatilities: ArrayLike<number>) => {
      const forward = expiry.forwardFixed + expiry.forwardVariable * spot;
      let sum = 0;
      for (let i = 0; i < expiry.legs.length; i++) {
        const leg = expiry.legs[i]!;
        sum += leg.amount * fastBlackPrice(forward, leg.strike, volatilities[i]! * root, df, leg.isCall);
      }
      return sum;
    };
    const marks = expiry.legs.map((leg) => leg.volatility);
    const mark = valueAt(1, marks);
    value += mark;
    const { spotUp, spotDown, add, multiple } = rule.forwardLoss;
    const moved = Math.min(valueAt(spotUp, marks) - mark, valueAt(spotDown, marks) - mark, 0);
    forwardLoss += moved * (add + multiple * expiry.tau);
    const shocked = new Map<string, Float64Array>();
    for (let s = 0; s < scenarios.length; s++) {
      const { spot, volatility, dampening } = scenarios[s]!;
      let volatilities = shocked.get(volatility);
      if (!volatilities) {
        volatilities = shockedVolatilities(expiry, volatility, rule.volShock, rule.skew);
        shocked.set(volatility, volatilities);
      }
      const after = valueAt(spot, volatilities);
      const change = (after * rule.discount(expiry, after >= 0) - mark) * dampening;
      pnl[s]! += isSkew(volatility) ? -Math.abs(change) : change;
    }
  }
  let loss = Math.min(0, forwardLoss);
  for (let s = 0; s < scenarios.length; s++) {
    const { spot, dampening } = scenarios[s]!;
    loss = Math.min(loss, pnl[s]! + linear * (spot - 1) * dampening);
  }
  return { value, loss };
}
