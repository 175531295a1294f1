import type { ScenarioAccount } from './account.ts';
import { confidenceCharge, nakedShorts } from './charges.ts';
import { type ExpiryRule, linearExposure, scenarioLosses, worstLoss } from './losses.ts';
import type { ScenarioV1Parameters } from './parameters.ts';
import type { ScenarioMargin } from './v2.ts';

/** Undiscounted prices; positive shocked values carry the static discount, negative ones nothing. */
export function ruleV1(p: ScenarioV1Parameters): ExpiryRule {
  return {
    df: () => 1,
    discount: (expiry, positive) =>
      positive ? p.staticDiscount * Math.exp(-expiry.tau * (expiry.rate * p.rateMultiple + p.rateAdd)) : 1,
    volShock: p.volShock,
    skew: null,
    forwardLoss: p.forwardLoss,
  };
}

/**
 * Portfolio margin of one underlying, version 1: static charges beside the worst loss, both scaled in initial. Base
 * collateral is given as risk-cancelling collateral.
 */
export function scenarioMarginV1(account: ScenarioAccount, p: ScenarioV1Parameters): ScenarioMargin {
  const losses = scenarioLosses(linearExposure(account), account.expiries, p.scenarios, ruleV1(p));
  const { loss, index } = worstLoss(losses);
  const base = account.collateral.reduce((sum, each) => sum + each.value, 0);
  const charge =
    Math.abs(account.perps) * account.spot * p.perpPercent +
    base * p.basePercent +
    nakedShorts(account) * account.spot * p.optionPercent;
  const confidence = confidenceCharge(account, p.confidence);
  const markToMarket = losses.optionValue + account.unrealisedPnl + account.unsettledFunding + base;
  const factor = p.initialLossFactor + Math.max(0, p.peg.threshold - account.stablePrice) * p.peg.factor;
  const equity = markToMarket + account.cash;
  return {
    losses,
    worst: loss,
    worstIndex: index,
    markToMarket,
    maintenanceCharge: charge,
    initialCharge: charge * factor,
    confidenceCharge: confidence,
    initialLossFactor: factor,
    netInitial: equity + factor * (loss - charge) - confidence,
    netMaintenance: equity + loss - charge,
  };
}
