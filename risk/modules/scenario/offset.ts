import type { OffsetClass } from './extras.ts';
import { type ScenarioLosses, worstLoss } from './losses.ts';
import { lossIn, type Underlying, type UnderlyingLoss } from './underlying.ts';

/** The grids of several underlyings in the same scenario at once. */
export function jointGrid(grids: readonly ScenarioLosses[]): ScenarioLosses {
  const [first] = grids;
  const pnl = (first?.pnl ?? []).map((_, i) => grids.reduce((sum, each) => sum + each.pnl[i]!, 0));
  const forwardLoss = grids.reduce((sum, each) => sum + each.forwardLoss, 0);
  const optionValue = grids.reduce((sum, each) => sum + each.optionValue, 0);
  return { optionValue, optionValueByExpiry: [], pnl, forwardLoss };
}

/** What moving together saves against the sum of the losses apart; not negative. `grids` of one class. */
export function savedTogether(grids: readonly ScenarioLosses[]): number {
  if (grids.length < 2) return 0;
  const apart = grids.reduce((sum, each) => sum + worstLoss(each).loss, 0);
  return Math.max(0, worstLoss(jointGrid(grids)).loss - apart);
}

/** The scenario that is the worst for a class together, and every underlying's loss in it. */
export interface JointLoss {
  readonly class: OffsetClass;
  /** Worst loss of the class when all its underlyings move together; not positive. */
  readonly loss: number;
  readonly worstIndex: number | null;
  /** By place in the list of underlyings. */
  readonly members: ReadonlyMap<number, UnderlyingLoss>;
}

/** Classes with at least two underlyings in the book, for one of the two margins. */
export function jointLosses(
  underlyings: readonly Underlying[],
  losses: readonly UnderlyingLoss[],
  classes: readonly OffsetClass[],
): JointLoss[] {
  return classes.flatMap((each): JointLoss[] => {
    const places = [...underlyings.keys()].filter((k) => each.assets.includes(underlyings[k]!.asset));
    if (places.length < 2 || each.credit === 0) return [];
    const grids = places.map((k) => losses[k]!.grid);
    if (savedTogether(grids) === 0) return [];
    const { loss, index } = worstLoss(jointGrid(grids));
    const members = new Map(
      places.map((k) => [k, lossIn(underlyings[k]!, losses[k]!, index, loss < 0)] as const),
    );
    return [{ class: each, loss, worstIndex: index, members }];
  });
}
