import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import type { CollateralPosition, PerpPosition, Portfolio } from '../../portfolio/portfolio.ts';
import { collateralMarket, isPrice, marginPrice } from '../inputs.ts';
import type { MarketDefinition, PositionFailure } from '../module.ts';

/** All perps of one market, priced together. */
export interface PerpGroup {
  readonly market: MarketDefinition;
  readonly price: MarketPrice;
  readonly positions: readonly PerpPosition[];
}

export interface CollateralLeg {
  readonly market: MarketDefinition;
  readonly price: MarketPrice;
  readonly position: CollateralPosition;
}

/** A portfolio sorted into what can be valued and what cannot. */
export interface Book {
  readonly perps: readonly PerpGroup[];
  readonly collateral: readonly CollateralLeg[];
  readonly failures: readonly PositionFailure[];
}

const byId = (a: { readonly id: string }, b: { readonly id: string }) =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

function unknownMarket(what: string): Reason {
  return { code: 'unknown-market', message: `${what} is not a listed market`, subject: what };
}

/** Sorts positions by id first, so that their order in the request can never matter. */
export function sortBook(
  portfolio: Portfolio,
  markets: ReadonlyMap<string, MarketDefinition>,
  market: MarketSnapshot,
): Book {
  const failures: PositionFailure[] = [];
  const collateral: CollateralLeg[] = [];
  const perpsByMarket = new Map<string, PerpPosition[]>();
  for (const position of [...portfolio.positions].sort(byId)) {
    if (position.kind === 'perp') {
      const group = perpsByMarket.get(position.market);
      if (group) group.push(position);
      else perpsByMarket.set(position.market, [position]);
      continue;
    }
    const definition = collateralMarket(markets, position.asset);
    const price = definition ? marginPrice(market, definition.feedId) : unknownMarket(position.asset);
    if (definition && isPrice(price)) collateral.push({ market: definition, price, position });
    else if (!isPrice(price)) failures.push({ positionId: position.id, reason: price });
  }
  const perps: PerpGroup[] = [];
  for (const [id, positions] of perpsByMarket) {
    const definition = markets.get(id);
    const price = definition?.kind === 'perp' ? marginPrice(market, definition.feedId) : unknownMarket(id);
    if (definition && isPrice(price)) perps.push({ market: definition, price, positions });
    else if (!isPrice(price)) {
      for (const position of positions) failures.push({ positionId: position.id, reason: price });
    }
  }
  return { perps, collateral, failures };
}
