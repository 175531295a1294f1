import type { MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import { isPrice, marginPrice, unknownMarket } from '../inputs.ts';
import type { AnyMarket, MarketDefinition, PositionFailure } from '../module.ts';
import type { DerivativePosition, PerpGroup } from './derivative.ts';
import { futureMark } from './future.ts';

type Mark = Omit<PerpGroup, 'market' | 'positions'>;

/** Mark and index of a perp; a perp without an index of its own is marked at the index. */
function perpMark(definition: MarketDefinition, market: MarketSnapshot): Mark | Reason {
  const price = marginPrice(market, definition.feedId);
  const index = definition.indexFeedId === undefined ? price : marginPrice(market, definition.indexFeedId);
  if (!isPrice(price)) return price;
  if (!isPrice(index)) return index;
  const confidenceScore = Math.min(price.confidenceScore, index.confidenceScore);
  return { price, index, confidenceScore, tau: null, variable: 1 };
}

/** Groups of positions of one kind and market, priced; what cannot be priced is a failure of each position. */
export function groupDerivatives(
  byMarket: readonly (readonly DerivativePosition[])[],
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  maxAgeMs: number,
): { readonly groups: readonly PerpGroup[]; readonly failures: readonly PositionFailure[] } {
  const groups: PerpGroup[] = [];
  const failures: PositionFailure[] = [];
  for (const all of byMarket) {
    const { kind, market: id } = all[0]!;
    const definition = markets.get(id);
    const mark: Mark | Reason =
      definition?.kind === 'perp' && kind === 'perp'
        ? perpMark(definition, market)
        : definition?.kind === 'future' && kind === 'future'
          ? futureMark(definition, market, maxAgeMs)
          : unknownMarket(id);
    if ('code' in mark || definition === undefined || definition.kind === 'option') {
      const reason = 'code' in mark ? mark : unknownMarket(id);
      for (const position of all) failures.push({ positionId: position.id, reason });
      continue;
    }
    // an inverse contract is worth size (1/entry - 1/mark) coins: without an entry it has no value
    const sound = all.filter((each) => definition.settlement !== 'coin' || each.entryPriceWad > 0n);
    for (const position of all) {
      if (sound.includes(position)) continue;
      const message = `${id} settles in the coin and needs an entry price above 0`;
      const reason: Reason = { code: 'entry-price-invalid', message, subject: position.id };
      failures.push({ positionId: position.id, reason });
    }
    if (sound.length > 0) groups.push({ market: definition, ...mark, positions: sound });
  }
  return { groups, failures };
}
