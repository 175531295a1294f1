import type { ExpiryRule } from './losses.ts';
import type { ScenarioPoint, ScenarioV1Parameters, ScenarioV2Parameters } from './parameters.ts';
import { ruleV1 } from './v1.ts';
import { ruleV2 } from './v2.ts';

/** A charge on a notional, for both margins. */
interface Charge {
  readonly initial: number;
  readonly maintenance: number;
}

/** What the two versions differ in, for a given stablecoin price. */
export interface ScenarioTerms {
  readonly scenarios: readonly ScenarioPoint[];
  readonly rule: ExpiryRule;
  readonly initialLossFactor: number;
  readonly maintenanceLossFactor: number;
  /** Addition to the initial loss factor while the stablecoin is off its peg, as a line of its own; 0 up to 2.0.0. */
  readonly depegFactor: number;
  /** On |net size| x spot of each perp market. */
  readonly perp: Charge;
  /** On spot per naked short option. */
  readonly option: Charge;
  /** On risk-cancelling collateral, beside its haircut. */
  readonly base: Charge;
  readonly confidence: { readonly threshold: number; readonly factor: number };
}

const depegOf = (p: { readonly threshold: number; readonly factor: number }, stablePrice: number) =>
  Math.max(0, p.threshold - stablePrice) * p.factor;

export function termsV2(p: ScenarioV2Parameters, stablePrice: number): ScenarioTerms {
  const { contingency: c } = p;
  return {
    scenarios: p.scenarios,
    rule: ruleV2(p),
    initialLossFactor: p.margin.initialLossFactor + depegOf(p.peg, stablePrice),
    maintenanceLossFactor: p.margin.maintenanceLossFactor,
    depegFactor: 0,
    perp: { initial: c.maintenancePerp + c.initialPerp, maintenance: c.maintenancePerp },
    option: { initial: c.maintenanceOption + c.initialOption, maintenance: c.maintenanceOption },
    base: { initial: 0, maintenance: 0 },
    confidence: p.confidence,
  };
}

/** As version 2, with the depeg charge apart from the loss factor. */
export function termsV21(p: ScenarioV2Parameters, stablePrice: number): ScenarioTerms {
  const { initialLossFactor } = p.margin;
  return { ...termsV2(p, stablePrice), initialLossFactor, depegFactor: depegOf(p.peg, stablePrice) };
}

export function termsV1(p: ScenarioV1Parameters, stablePrice: number): ScenarioTerms {
  const factor = p.initialLossFactor + depegOf(p.peg, stablePrice);
  const charge = (percent: number): Charge => ({ initial: percent * factor, maintenance: percent });
  return {
    scenarios: p.scenarios,
    rule: ruleV1(p),
    initialLossFactor: factor,
    maintenanceLossFactor: 1,
    depegFactor: 0,
    perp: charge(p.perpPercent),
    option: charge(p.optionPercent),
    base: charge(p.basePercent),
    confidence: p.confidence,
  };
}

const SMALLEST_SPOT = 0.01;

/** Price and volatility ranges times the buffer factor; a price never falls below 1 % of itself. */
export function bufferedTerms(terms: ScenarioTerms, factor: number): ScenarioTerms {
  if (factor === 1) return terms;
  const spot = (multiplier: number) => Math.max(SMALLEST_SPOT, 1 + (multiplier - 1) * factor);
  const { rule } = terms;
  return {
    ...terms,
    scenarios: terms.scenarios.map((each) => ({ ...each, spot: spot(each.spot) })),
    rule: {
      ...rule,
      volShock: { ...rule.volShock, up: rule.volShock.up * factor, down: rule.volShock.down * factor },
      forwardLoss: {
        ...rule.forwardLoss,
        spotUp: spot(rule.forwardLoss.spotUp),
        spotDown: spot(rule.forwardLoss.spotDown),
      },
    },
  };
}
