import { wadToFloat } from '../../units/wad.ts';
import { bookAssets, type CollateralLeg, type LoanLeg, type SortedBook } from '../book/book.ts';
import { exposureOf, type PerpGroup } from '../book/derivative.ts';
import type { OptionGroup } from '../book/option-book.ts';
import type { BufferView } from '../module.ts';
import { type ScenarioLosses, scenarioLosses, worstLoss } from './losses.ts';
import type { ScenarioPoint } from './parameters.ts';
import { type LaidOutExpiry, layOut } from './row.ts';
import { type LegShares, splitLoss } from './split.ts';
import { bufferedTerms, type ScenarioTerms } from './terms.ts';
import { splitForward } from './v2.ts';

/** Everything of one asset that nets on the grid. */
export interface Underlying {
  readonly asset: string;
  readonly spot: number;
  readonly perps: readonly PerpGroup[];
  /** Collateral that moves with the asset. */
  readonly cancelling: readonly CollateralLeg[];
  readonly options: readonly OptionGroup[];
  /** The option groups as the grid prices them, at the present forwards. */
  readonly expiries: readonly LaidOutExpiry[];
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
    if (!price) return [];
    const expiries = options.map(expiryOf);
    return [{ asset, spot: wadToFloat(price.priceWad), perps, options, expiries, cancelling, loans }];
  });
}

/** Value of collateral or of a debt, positive. */
export const quantityOf = (leg: CollateralLeg | LoanLeg) =>
  wadToFloat(leg.position.amountWad) * wadToFloat(leg.price.priceWad);

function expiryOf(group: OptionGroup): LaidOutExpiry {
  return layOut({
    tau: group.tau,
    ...splitForward(group.forward, group.tau),
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
  });
}

/** The expiries with forwards multiplied by `scale`. */
function expiriesAt({ expiries }: Underlying, scale: number): readonly LaidOutExpiry[] {
  if (scale === 1) return expiries;
  return expiries.map((expiry) => ({
    ...expiry,
    forwardFixed: expiry.forwardFixed * scale,
    forwardVariable: expiry.forwardVariable * scale,
  }));
}

/** Loss of one underlying and what each position adds to it, in quote; losses negative. */
export interface UnderlyingLoss extends LegShares {
  /** Terms with the buffer in them. */
  readonly terms: ScenarioTerms;
  readonly loss: number;
  /** Scenario of the worst loss; null: the forward loss, or none at all. */
  readonly worstIndex: number | null;
  /** Loss per unit of linear notional: perps and cancelling collateral. */
  readonly perNotional: number;
  /** PnL of every scenario, for offsets between underlyings. */
  readonly grid: ScenarioLosses;
}

/** Losses behind the two margins; one and the same object where the buffer does not tell them apart. */
export interface UnderlyingLosses {
  readonly initial: UnderlyingLoss;
  readonly maintenance: UnderlyingLoss;
}

/** Notional of perps and moving collateral, less debts. */
function linearOf({ perps, cancelling, loans }: Underlying, scale: number): number {
  let linear = 0;
  for (const group of perps) {
    for (const position of group.positions) linear += exposureOf(group, position) * scale;
  }
  for (const leg of cancelling) linear += quantityOf(leg) * scale;
  for (const leg of loans) linear -= quantityOf(leg) * scale;
  return linear;
}

/** Value of the options and the worst loss only, for revaluation: no split over positions. */
export function underlyingTotals(underlying: Underlying, terms: ScenarioTerms, scale: number) {
  const { scenarios, rule } = terms;
  const losses = scenarioLosses(linearOf(underlying, scale), expiriesAt(underlying, scale), scenarios, rule);
  return { value: losses.optionValue, loss: worstLoss(losses).loss, grid: losses };
}

/** Runs the grid and splits the worst loss over the positions; `terms` with the buffer in them. */
function underlyingLoss(underlying: Underlying, terms: ScenarioTerms): UnderlyingLoss {
  const { rule, scenarios } = terms;
  const { expiries } = underlying;
  const losses = scenarioLosses(linearOf(underlying, 1), expiries, scenarios, rule);
  const { loss, index } = worstLoss(losses);
  const worst = index === null ? null : scenarios[index]!;
  return {
    terms,
    loss,
    worstIndex: index,
    ...splitLoss(expiries, rule, worst, loss < 0),
    perNotional: perNotionalIn(worst),
    grid: losses,
  };
}

/** PnL per unit of linear notional in a scenario; null: the forward loss, which has no linear part. */
function perNotionalIn(scenario: ScenarioPoint | null): number {
  return scenario === null ? 0 : (scenario.spot - 1) * scenario.dampening;
}

/** The loss of an underlying in a given scenario instead of its own worst: null the forward loss, when there `isLoss`. */
export function lossIn(
  underlying: Underlying,
  own: UnderlyingLoss,
  worstIndex: number | null,
  isLoss: boolean,
): UnderlyingLoss {
  const { terms, grid } = own;
  const scenario = worstIndex === null ? null : terms.scenarios[worstIndex]!;
  const forward = isLoss ? grid.forwardLoss : 0;
  return {
    terms,
    loss: worstIndex === null ? forward : grid.pnl[worstIndex]!,
    worstIndex,
    ...splitLoss(underlying.expiries, terms.rule, scenario, isLoss),
    perNotional: perNotionalIn(scenario),
    grid,
  };
}

/** Losses of an underlying under its buffer; the grid runs once where both factors are the same. */
export function underlyingLosses(
  underlying: Underlying,
  terms: ScenarioTerms,
  buffer: BufferView | null,
): UnderlyingLosses {
  const atInitial = buffer?.initialFactor ?? 1;
  const atMaintenance = buffer?.maintenanceFactor ?? 1;
  const initial = underlyingLoss(underlying, bufferedTerms(terms, atInitial));
  const maintenance =
    atMaintenance === atInitial ? initial : underlyingLoss(underlying, bufferedTerms(terms, atMaintenance));
  return { initial, maintenance };
}

/**
 * Shares of the option legs in the loss that was found, repriced with spot and forwards multiplied by `scale`; the
 * scenario stays the same one even where another would become the worst.
 */
export function legSharesAt(underlying: Underlying, found: UnderlyingLoss, scale: number): LegShares['legs'] {
  const { terms, worstIndex, loss } = found;
  const worst = worstIndex === null ? null : terms.scenarios[worstIndex]!;
  return splitLoss(expiriesAt(underlying, scale), terms.rule, worst, loss < 0).legs;
}
