import { wadToFloat } from '../../units/wad.ts';
import type { ContributionLine, PositionSensitivity } from '../module.ts';
import type { SortedBook } from './book.ts';

/**
 * Delta and d requirement / d spot of each valued position. Every requirement of perps and collateral is of degree
 * one in the price, so its slope is the requirement divided by the price.
 */
export function sensitivitiesOf(book: SortedBook, lines: readonly ContributionLine[]): PositionSensitivity[] {
  const initial = new Map<string, bigint>();
  const maintenance = new Map<string, bigint>();
  for (const each of lines) {
    if (each.positionId === null) continue;
    initial.set(each.positionId, (initial.get(each.positionId) ?? 0n) + each.initialWad);
    maintenance.set(each.positionId, (maintenance.get(each.positionId) ?? 0n) + each.maintenanceWad);
  }
  const sensitivity = (
    id: string,
    asset: string,
    quantity: bigint,
    priceWad: bigint,
  ): PositionSensitivity => {
    const price = wadToFloat(priceWad);
    return {
      positionId: id,
      asset,
      delta: wadToFloat(quantity),
      initialSlope: wadToFloat(initial.get(id) ?? 0n) / price,
      maintenanceSlope: wadToFloat(maintenance.get(id) ?? 0n) / price,
    };
  };
  return [
    ...book.perps.flatMap(({ positions, market, price }) =>
      positions.map((position) => sensitivity(position.id, market.asset, position.sizeWad, price.priceWad)),
    ),
    ...book.collateral.map(({ position, market, price }) =>
      sensitivity(position.id, market.asset, position.amountWad, price.priceWad),
    ),
    ...book.loans.map(({ position, market, price }) =>
      sensitivity(position.id, market.asset, -position.amountWad, price.priceWad),
    ),
  ];
}
