import { wadToFloat } from '../../units/wad.ts';
import {
  bookAssets,
  type CollateralLeg,
  type LoanLeg,
  type PerpGroup,
  type SortedBook,
} from '../book/book.ts';
import type { OptionGroup } from '../book/option-book.ts';
import type { ScenarioExpiry } from './account.ts';
import { expiryValue, scenarioLosses, worstLoss } from './losses.ts';
import type { ScenarioTerms } from './terms.ts';
import { splitForward } from './v2.ts';
import { shockedVolatilities } from './volatility.ts';

/** Everything of one asset that nets on the grid. */
export interface Underlying {
  readonly asset: string;
  readonly spot: number;
  readonly perps: readonly PerpGroup[];
  /** Collateral that moves with the asset. */
  readonly cancelling: readonly CollateralLeg[];
  readonly options: readonly OptionGroup[];
  /** Debts in the asset, or in what moves with it. */
  readonly loans: readonly LoanLeg[];
}

/**
 * Groups a book by asset; `cancelledBy` says which asset a collateral moves with, null when with none. Collateral
 * whose asset is not in the book otherwise makes a grid of its own.
 */
export function underlyingsOf(
  book: SortedBook,
  cancelledBy: (asset: string) => string | null,
): readonly Underlying[] {
  const assets = bookAssets(book);
  const homeOf = (asset: string) => {
    const target = cancelledBy(asset);
    return target === null || assets.includes(target) ? target : asset;
  };
  return assets.flatMap((asset): Underlying[] => {
    const perps = book.perps.filter((group) => group.market.asset === asset);
    const options = book.options.filter((group) => group.asset === asset);
    const cancelling = book.collateral.filter((leg) => homeOf(leg.market.asset) === asset);
    const loans = book.loans.filter((leg) => homeOf(leg.market.asset) === asset);
    const price = (options[0] ?? perps[0] ?? cancelling[0] ?? loans[0])?.price;
    return price ? [{ asset, spot: wadToFloat(price.priceWad), perps, options, cancelling, loans }] : [];
  });
}

/** Value of collateral or of a debt, positive. */
export const quantityOf = (leg: CollateralLeg | LoanLeg) =>
  wadToFloat(leg.position.amountWad) * wadToFloat(leg.price.priceWad);

function expiriesOf(underlying: Underlying, scale: number): ScenarioExpiry[] {
  return underlying.options.map((group) => ({
    tau: group.tau,
    ...splitForward(group.forward * scale, group.tau),
    rate: group.data.rate,
    forwardConfidence: group.data.forwardConfidence,
    rateConfidence: group.data.rateConfidence,
    volatilityConfidence: group.data.volatilityConfidence,
    legs: group.legs.map(({ strike, isCall, size, volatility }) => ({
      strike,
      isCall,
      amount: size,
      volatility,
    })),
  }));
}

/** Loss of one underlying and what each position adds to it, in quote; losses negative. */
export interface UnderlyingLoss {
  readonly loss: number;
  /** Scenario of the worst loss; null: the forward loss, or none at all. */
  readonly worstIndex: number | null;
  /** Value of each option leg, by group and leg. */
  readonly values: readonly Float64Array[];
  /** Share of the loss by option group and leg. */
  readonly legs: readonly Float64Array[];
  /** Loss per unit of linear notional: perps and cancelling collateral. */
  readonly perNotional: number;
}

/** Notional of perps and moving collateral, less debts. */
function linearOf({ perps, cancelling, loans }: Underlying, scale: number): number {
  let linear = 0;
  for (const { positions, price } of perps) {
    for (const position of positions)
      linear += wadToFloat(position.sizeWad) * wadToFloat(price.priceWad) * scale;
  }
  for (const leg of cancelling) linear += quantityOf(leg) * scale;
  for (const leg of loans) linear -= quantityOf(leg) * scale;
  return linear;
}

/** Value of the options and the worst loss only, for revaluation: no split over positions. */
export function underlyingTotals(underlying: Underlying, terms: ScenarioTerms, scale: number) {
  const { scenarios, rule } = terms;
  const losses = scenarioLosses(linearOf(underlying, scale), expiriesOf(underlying, scale), scenarios, rule);
  return { value: losses.optionValue, loss: worstLoss(losses).loss };
}

/** Runs the grid with spot and forwards multiplied by `scale`, and splits the worst loss over the positions. */
export function underlyingLoss(underlying: Underlying, terms: ScenarioTerms, scale = 1): UnderlyingLoss {
  const { rule, scenarios } = terms;
  const expiries = expiriesOf(underlying, scale);
  const losses = scenarioLosses(linearOf(underlying, scale), expiries, scenarios, rule);
  const { loss, index } = worstLoss(losses);
  const single = (expiry: ScenarioExpiry, i: number, spot: number, volatility: number) =>
    expiryValue({ ...expiry, legs: [expiry.legs[i]!] }, rule.df(expiry), spot, [volatility]);
  const values = expiries.map((expiry) =>
    Float64Array.from(expiry.legs, (leg, i) => single(expiry, i, 1, leg.volatility)),
  );
  const sum = (array: Float64Array) => array.reduce((total, value) => total + value, 0);
  const worst = index === null ? null : scenarios[index]!;
  const legs = expiries.map((expiry, g) => {
    const before = values[g]!;
    if (worst !== null) {
      const volatilities = shockedVolatilities(expiry, worst.volatility, rule.volShock, rule.skew);
      const after = Float64Array.from(expiry.legs, (_, i) => single(expiry, i, worst.spot, volatilities[i]!));
      const discount = rule.discount(expiry, sum(after) >= 0);
      const change = after.map((value, i) => (value * discount - before[i]!) * worst.dampening);
      const isSkew = worst.volatility === 'linear-skew' || worst.volatility === 'absolute-skew';
      return isSkew && sum(change) > 0 ? change.map((value) => -value) : change;
    }
    if (!(loss < 0)) return new Float64Array(before.length);
    const { spotUp, spotDown, add, multiple } = rule.forwardLoss;
    const moved = (spot: number) =>
      Float64Array.from(expiry.legs, (leg, i) => single(expiry, i, spot, leg.volatility) - before[i]!);
    const [up, down] = [moved(spotUp), moved(spotDown)];
    const worse = sum(up) < sum(down) ? up : down;
    const factor = sum(worse) < 0 ? add + multiple * expiry.tau : 0;
    return worse.map((value) => value * factor);
  });
  const perNotional = worst === null ? 0 : (worst.spot - 1) * worst.dampening * scale;
  return { loss, worstIndex: index, values, legs, perNotional };
}
