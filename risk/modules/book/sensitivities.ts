import { wadToFloat } from '../../units/wad.ts';
import type { ContributionLine, PositionSensitivity } from '../module.ts';
import type { SortedBook } from './book.ts';
import { deltaOf, isInverse } from './derivative.ts';

/** Terms that move with spot also for inverse contracts, whose notional in quote does not. */
const LOSS_TERMS: ReadonlySet<string> = new Set(['expected-shortfall']);

/**
 * Delta and d requirement / d spot of each valued position. Requirements of perps, futures and collateral are of degree
 * one in the price, so their slope is the requirement divided by the price; of inverse contracts only the losses are.
 */
export function sensitivitiesOf(
  book: SortedBook,
  lines: readonly ContributionLine[],
  lossTerms: ReadonlySet<string> = LOSS_TERMS,
): PositionSensitivity[] {
  const inverse = new Set(
    book.perps.filter(isInverse).flatMap(({ positions }) => positions.map(({ id }) => id)),
  );
  const initial = new Map<string, bigint>();
  const maintenance = new Map<string, bigint>();
  for (const each of lines) {
    if (each.positionId === null) continue;
    if (inverse.has(each.positionId) && !lossTerms.has(each.term)) continue;
    initial.set(each.positionId, (initial.get(each.positionId) ?? 0n) + each.initialWad);
    maintenance.set(each.positionId, (maintenance.get(each.positionId) ?? 0n) + each.maintenanceWad);
  }
  const sensitivity = (id: string, asset: string, delta: number, priceWad: bigint): PositionSensitivity => {
    const price = wadToFloat(priceWad);
    return {
      positionId: id,
      asset,
      delta,
      initialSlope: wadToFloat(initial.get(id) ?? 0n) / price,
      maintenanceSlope: wadToFloat(maintenance.get(id) ?? 0n) / price,
    };
  };
  return [
    ...book.perps.flatMap((group) => {
      const { positions, market, price, index } = group;
      const { priceWad } = market.kind === 'perp' && !isInverse(group) ? price : index;
      return positions.map((each) => sensitivity(each.id, market.asset, deltaOf(group, each), priceWad));
    }),
    ...book.collateral.map(({ position, market, price }) =>
      sensitivity(position.id, market.asset, wadToFloat(position.amountWad), price.priceWad),
    ),
    ...book.loans.map(({ position, market, price }) =>
      sensitivity(position.id, market.asset, wadToFloat(-position.amountWad), price.priceWad),
    ),
  ];
}
