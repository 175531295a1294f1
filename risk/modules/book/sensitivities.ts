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
  const slopes = slopesOf(book, lines, lossTerms);
  const found: PositionSensitivity[] = [];
  for (const group of book.perps) {
    const { positions, market, price, index } = group;
    const { priceWad } = market.kind === 'perp' && !isInverse(group) ? price : index;
    for (const each of positions) {
      found.push(sensitivity(each.id, market.asset, deltaOf(group, each), priceWad, slopes));
    }
  }
  for (const { position, market, price } of book.collateral) {
    const delta = wadToFloat(position.amountWad);
    found.push(sensitivity(position.id, market.asset, delta, price.priceWad, slopes));
  }
  for (const { position, market, price } of book.loans) {
    const delta = wadToFloat(-position.amountWad);
    found.push(sensitivity(position.id, market.asset, delta, price.priceWad, slopes));
  }
  return found;
}

interface Slope {
  initialWad: bigint;
  maintenanceWad: bigint;
}

/** Requirement of each position that moves with spot. */
function slopesOf(
  { perps }: SortedBook,
  lines: readonly ContributionLine[],
  lossTerms: ReadonlySet<string>,
): ReadonlyMap<string, Slope> {
  const inverse = new Set<string>();
  for (const group of perps) {
    if (isInverse(group)) for (const { id } of group.positions) inverse.add(id);
  }
  const slopes = new Map<string, Slope>();
  for (const { positionId, term, initialWad, maintenanceWad } of lines) {
    if (positionId === null) continue;
    if (inverse.has(positionId) && !lossTerms.has(term)) continue;
    const slope = slopes.get(positionId);
    if (slope === undefined) slopes.set(positionId, { initialWad, maintenanceWad });
    else {
      slope.initialWad += initialWad;
      slope.maintenanceWad += maintenanceWad;
    }
  }
  return slopes;
}

function sensitivity(
  positionId: string,
  asset: string,
  delta: number,
  priceWad: bigint,
  slopes: ReadonlyMap<string, Slope>,
): PositionSensitivity {
  const price = wadToFloat(priceWad);
  const slope = slopes.get(positionId);
  return {
    positionId,
    asset,
    delta,
    initialSlope: wadToFloat(slope?.initialWad ?? 0n) / price,
    maintenanceSlope: wadToFloat(slope?.maintenanceWad ?? 0n) / price,
  };
}
