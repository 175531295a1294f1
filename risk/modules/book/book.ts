import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type {
  AnyPortfolio,
  CollateralPosition,
  LoanPosition,
  OptionPosition,
  PerpPosition,
} from '../../portfolio/portfolio.ts';
import { collateralMarket, isPrice, marginPrice, unknownMarket } from '../inputs.ts';
import type { AnyMarket, MarketDefinition, PositionFailure } from '../module.ts';
import { groupOptions, type OptionGroup } from './option-book.ts';

/** All perps of one market, priced together. */
export interface PerpGroup {
  readonly market: MarketDefinition;
  readonly price: MarketPrice;
  /** Of the price, and of the index where that is another feed. */
  readonly confidenceScore: number;
  readonly positions: readonly PerpPosition[];
}

export interface CollateralLeg {
  readonly market: MarketDefinition;
  readonly price: MarketPrice;
  readonly position: CollateralPosition;
}

export interface LoanLeg {
  readonly market: MarketDefinition;
  readonly price: MarketPrice;
  readonly position: LoanPosition;
}

/** A portfolio sorted into what can be valued and what cannot. */
export interface SortedBook {
  readonly perps: readonly PerpGroup[];
  readonly collateral: readonly CollateralLeg[];
  readonly options: readonly OptionGroup[];
  readonly loans: readonly LoanLeg[];
  readonly failures: readonly PositionFailure[];
}

export const byId = (a: { readonly id: string }, b: { readonly id: string }) =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** Sorts positions by id first, so that their order in the request can never matter. */
export function sortBook(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  maxOptionAgeMs: number,
): SortedBook {
  const failures: PositionFailure[] = [];
  const collateral: CollateralLeg[] = [];
  const loans: LoanLeg[] = [];
  const optionPositions: OptionPosition[] = [];
  const perpsByMarket = new Map<string, PerpPosition[]>();
  for (const position of [...portfolio.positions].sort(byId)) {
    if (position.kind === 'perp') {
      const group = perpsByMarket.get(position.market);
      if (group) group.push(position);
      else perpsByMarket.set(position.market, [position]);
      continue;
    }
    if (position.kind === 'option') {
      optionPositions.push(position);
      continue;
    }
    const definition =
      position.kind === 'collateral'
        ? collateralMarket(markets, position.asset)
        : collateralOnly(markets.get(position.market));
    const what = position.kind === 'collateral' ? position.asset : position.market;
    const price = definition ? marginPrice(market, definition.feedId) : unknownMarket(what);
    if (!isPrice(price)) failures.push({ positionId: position.id, reason: price });
    else if (definition && position.kind === 'loan') loans.push({ market: definition, price, position });
    else if (definition && position.kind === 'collateral')
      collateral.push({ market: definition, price, position });
  }
  const perps: PerpGroup[] = [];
  for (const [id, positions] of perpsByMarket) {
    const definition = markets.get(id);
    if (definition?.kind !== 'perp') {
      const reason = unknownMarket(id);
      for (const position of positions) failures.push({ positionId: position.id, reason });
      continue;
    }
    const price = marginPrice(market, definition.feedId);
    const index = definition.indexFeedId === undefined ? price : marginPrice(market, definition.indexFeedId);
    if (isPrice(price) && isPrice(index)) {
      const confidenceScore = Math.min(price.confidenceScore, index.confidenceScore);
      perps.push({ market: definition, price, confidenceScore, positions });
      continue;
    }
    const reason = isPrice(price) ? index : price;
    if (isPrice(reason)) continue;
    for (const position of positions) failures.push({ positionId: position.id, reason });
  }
  const options = groupOptions(optionPositions, markets, market, maxOptionAgeMs);
  return { perps, collateral, loans, options: options.groups, failures: [...failures, ...options.failures] };
}

/** A loan names the collateral market of what is owed; anything else is not a loan's market. */
function collateralOnly(market: AnyMarket | undefined): MarketDefinition | null {
  return market?.kind === 'collateral' ? market : null;
}

/** Assets whose price moves the book, sorted. */
export function bookAssets(book: SortedBook): string[] {
  const assets = [...book.perps, ...book.collateral, ...book.loans].map((entry) => entry.market.asset);
  return [...new Set([...assets, ...book.options.map((group) => group.asset)])].sort();
}
