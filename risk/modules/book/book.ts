import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type {
  AnyPortfolio,
  CollateralPosition,
  LoanPosition,
  OptionPosition,
} from '../../portfolio/portfolio.ts';
import { collateralMarket, isPrice, marginPrice, unknownMarket } from '../inputs.ts';
import type { AnyMarket, MarketDefinition, PositionFailure } from '../module.ts';
import { type SettledLeg, settledLeg } from '../settled/leg.ts';
import type { DerivativePosition, PerpGroup } from './derivative.ts';
import { groupDerivatives } from './derivative-book.ts';
import { groupOptions, type OptionGroup } from './option-book.ts';

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
  /** Perpetuals and dated futures, by market. */
  readonly perps: readonly PerpGroup[];
  readonly collateral: readonly CollateralLeg[];
  readonly options: readonly OptionGroup[];
  readonly loans: readonly LoanLeg[];
  /** Positions whose market is settled; none where the version does not read settlement prices. */
  readonly settled: readonly SettledLeg[];
  readonly failures: readonly PositionFailure[];
}

export const byId = (a: { readonly id: string }, b: { readonly id: string }) =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/**
 * Sorts positions by id first, so that their order in the request can never matter. `readsSettlements`: positions of settled
 * markets stand apart; versions without it take them as they are.
 */
export function sortBook(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  maxDataAgeMs: number,
  readsSettlements = false,
): SortedBook {
  const failures: PositionFailure[] = [];
  const collateral: CollateralLeg[] = [];
  const loans: LoanLeg[] = [];
  const settled: SettledLeg[] = [];
  const settlements = readsSettlements && market.settled !== undefined && market.settled.size > 0;
  const optionPositions: OptionPosition[] = [];
  const derivatives = new Map<string, DerivativePosition[]>();
  for (const position of [...portfolio.positions].sort(byId)) {
    if (settlements && position.kind !== 'collateral' && position.kind !== 'loan') {
      const leg = settledLeg(position, markets.get(position.market), market);
      if (leg !== null) {
        if ('code' in leg) failures.push({ positionId: position.id, reason: leg });
        else settled.push(leg);
        continue;
      }
    }
    if (position.kind === 'perp' || position.kind === 'future') {
      const key = `${position.kind}\n${position.market}`;
      const group = derivatives.get(key);
      if (group) group.push(position);
      else derivatives.set(key, [position]);
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
  const linear = groupDerivatives([...derivatives.values()], markets, market, maxDataAgeMs);
  const options = groupOptions(optionPositions, markets, market, maxDataAgeMs);
  return {
    perps: linear.groups,
    collateral,
    loans,
    settled,
    options: options.groups,
    failures: [...failures, ...linear.failures, ...options.failures],
  };
}

/** A loan names the collateral market of what is owed; anything else is not a loan's market. */
function collateralOnly(market: AnyMarket | undefined): MarketDefinition | null {
  return market?.kind === 'collateral' ? market : null;
}

/** Assets whose price moves the book, sorted. */
export function bookAssets(book: SortedBook): string[] {
  const assets = [...book.perps, ...book.collateral, ...book.loans].map((entry) => entry.market.asset);
  const coins = book.settled.filter((leg) => leg.coins !== null);
  return [...new Set([...assets, ...[...book.options, ...coins].map(({ asset }) => asset)])].sort();
}
