import { stillMoving } from '../book/settlement.ts';
import type { ScenarioAccount, ScenarioExpiry } from './account.ts';
import { confidenceCharge, nakedShorts } from './charges.ts';
import { type ExpiryRule, linearExposure, type ScenarioLosses, scenarioLosses, worstLoss } from './losses.ts';
import type { ScenarioV2Parameters } from './parameters.ts';

/** Result of one underlying, all in the stablecoin; net margins positive when healthy. */
export interface ScenarioMargin {
  readonly losses: ScenarioLosses;
  /** Worst loss (not positive) and its scenario; null: the forward loss. */
  readonly worst: number;
  readonly worstIndex: number | null;
  /** Options + perp PnL + funding + collateral; no cash. */
  readonly markToMarket: number;
  /** Charges beside the loss. */
  readonly maintenanceCharge: number;
  readonly initialCharge: number;
  readonly confidenceCharge: number;
  readonly initialLossFactor: number;
  readonly netInitial: number;
  readonly netMaintenance: number;
}

/** In the last 30 minutes settlement is an average that fills up: the part already fixed no longer moves. */
export function splitForward(forward: number, tau: number) {
  const variable = stillMoving(tau);
  return { forwardFixed: forward * (1 - variable), forwardVariable: forward * variable };
}

/** Prices discounted at max(0, rate); shocked values at the haircut rates, negative ones never beyond 1/df. */
export function ruleV2(p: ScenarioV2Parameters): ExpiryRule {
  const rateOf = (expiry: ScenarioExpiry) => Math.max(0, expiry.rate);
  return {
    df: (expiry) => Math.exp(-rateOf(expiry) * expiry.tau),
    discount: (expiry, positive) => {
      const { margin: m } = p;
      const rate = rateOf(expiry);
      if (positive) {
        return m.staticDiscountLong * Math.exp(-expiry.tau * (rate * m.longRateMultiple + m.longRateAdd));
      }
      const scale =
        m.staticDiscountShort * Math.exp(expiry.tau * (rate * m.shortRateMultiple + m.shortRateAdd));
      return Math.min(Math.exp(rate * expiry.tau), scale);
    },
    volShock: p.volShock,
    skew: p.skew,
    forwardLoss: p.forwardLoss,
  };
}

/** Portfolio margin of one underlying, version 2 (formulas: docs/modules/scenario.md). */
export function scenarioMarginV2(account: ScenarioAccount, p: ScenarioV2Parameters): ScenarioMargin {
  const losses = scenarioLosses(linearExposure(account), account.expiries, p.scenarios, ruleV2(p));
  const { loss, index } = worstLoss(losses);
  const { contingency: c } = p;
  const perpNotional = Math.abs(account.perps) * account.spot;
  const nakedNotional = nakedShorts(account) * account.spot;
  let maintenanceCharge = perpNotional * c.maintenancePerp + nakedNotional * c.maintenanceOption;
  let initialCharge = perpNotional * c.initialPerp + nakedNotional * c.initialOption;
  let collateral = 0;
  for (const each of account.collateral) {
    collateral += each.value;
    maintenanceCharge += each.value * each.maintenanceHaircut;
    initialCharge += each.value * each.initialHaircut;
  }
  initialCharge += maintenanceCharge;
  const confidence = confidenceCharge(account, p.confidence);
  const markToMarket = losses.optionValue + account.unrealisedPnl + account.unsettledFunding + collateral;
  const initialLossFactor =
    p.margin.initialLossFactor + Math.max(0, p.peg.threshold - account.stablePrice) * p.peg.factor;
  const equity = markToMarket + account.cash;
  return {
    losses,
    worst: loss,
    worstIndex: index,
    markToMarket,
    maintenanceCharge,
    initialCharge,
    confidenceCharge: confidence,
    initialLossFactor,
    netInitial: equity + initialLossFactor * loss - initialCharge - confidence,
    netMaintenance: equity + p.margin.maintenanceLossFactor * loss - maintenanceCharge,
  };
}
