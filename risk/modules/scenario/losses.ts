import type { ScenarioAccount, ScenarioExpiry } from './account.ts';
import type { ScenarioPoint, SkewParameters, VolShock, VolShockParameters } from './parameters.ts';
import { layOut, priceRow, totalVolatilities } from './row.ts';
import { shockedVolatilities } from './volatility.ts';

/** How a version prices and discounts an expiry. */
export interface ExpiryRule {
  /** Discount factor in every option price. */
  readonly df: (expiry: ScenarioExpiry) => number;
  /** Extra factor on a shocked value of the given sign. */
  readonly discount: (expiry: ScenarioExpiry, positive: boolean) => number;
  readonly volShock: VolShockParameters;
  readonly skew: SkewParameters | null;
  readonly forwardLoss: {
    readonly spotUp: number;
    readonly spotDown: number;
    readonly add: number;
    readonly multiple: number;
  };
}

export interface ScenarioLosses {
  /** Value of all options, unshocked. */
  readonly optionValue: number;
  readonly optionValueByExpiry: readonly number[];
  /** PnL of each scenario, in order. */
  readonly pnl: readonly number[];
  /** Loss when forwards move and volatilities do not; not positive. */
  readonly forwardLoss: number;
}

/**
 * Scenario PnL: per expiry (V D - mtm) x dampening, for skew shocks minus its magnitude; plus perps and collateral
 * that moves with the underlying, `linear` x (shock - 1) x dampening. Forward loss: per expiry the worse of two
 * repricings at unshocked volatility, scaled by add + multiple x tau.
 */
export function scenarioLosses(
  linear: number,
  expiries: readonly ScenarioExpiry[],
  scenarios: readonly ScenarioPoint[],
  rule: ExpiryRule,
): ScenarioLosses {
  const pnl = scenarios.map((scenario) => linear * (scenario.spot - 1) * scenario.dampening);
  const optionValueByExpiry: number[] = [];
  let forwardLoss = 0;
  for (const each of expiries) {
    const expiry = layOut(each);
    const df = rule.df(expiry);
    const stdDevs = new Map<VolShock, Float64Array>();
    const valueAt = (spot: number, shock: VolShock) => {
      const stdDev =
        stdDevs.get(shock) ??
        totalVolatilities(shockedVolatilities(expiry, shock, rule.volShock, rule.skew), expiry.tau);
      stdDevs.set(shock, stdDev);
      return priceRow(expiry, df, spot, stdDev);
    };
    const mtm = valueAt(1, 'none');
    optionValueByExpiry.push(mtm);
    const positive = rule.discount(expiry, true);
    const negative = rule.discount(expiry, false);
    scenarios.forEach((scenario, i) => {
      const value = valueAt(scenario.spot, scenario.volatility);
      const change = (value * (value >= 0 ? positive : negative) - mtm) * scenario.dampening;
      const isSkew = scenario.volatility === 'linear-skew' || scenario.volatility === 'absolute-skew';
      pnl[i] = pnl[i]! + (isSkew ? -Math.abs(change) : change);
    });
    const { spotUp, spotDown, add, multiple } = rule.forwardLoss;
    const up = valueAt(spotUp, 'none') - mtm;
    const down = valueAt(spotDown, 'none') - mtm;
    forwardLoss += Math.min(up, down, 0) * (add + multiple * expiry.tau);
  }
  const optionValue = optionValueByExpiry.reduce((sum, value) => sum + value, 0);
  return { optionValue, optionValueByExpiry, pnl, forwardLoss };
}

/** Notional that moves one to one with spot: perps and risk-cancelling collateral. */
export function linearExposure(account: ScenarioAccount): number {
  return account.collateral.reduce(
    (sum, each) => sum + (each.riskCancelling ? each.value : 0),
    account.perps * account.perpPrice,
  );
}

/** The worst of all scenarios and the forward loss; never a gain. `index` null: the forward loss, or nothing. */
export function worstLoss(losses: ScenarioLosses): { readonly loss: number; readonly index: number | null } {
  let loss = Math.min(0, losses.forwardLoss);
  let index: number | null = null;
  losses.pnl.forEach((value, i) => {
    if (value < loss) {
      loss = value;
      index = i;
    }
  });
  return { loss, index };
}
