import type { MarginResult, PositionFailure } from '../../risk/modules/module.ts';
import type { Wad } from '../../risk/units/wad.ts';

/** What is moved from the earlier moment to the later one, in this order; what is not moved yet stays. */
export const DIFFERENCE_STEPS = ['positions', 'prices', 'parameters', 'forecast'] as const;
export type DifferenceStep = (typeof DIFFERENCE_STEPS)[number];

/** Which moment each part of a margin is taken from. */
export type Mixture = Readonly<Record<DifferenceStep, 'from' | 'to'>>;

/** A change of what a margin comes to. */
export interface MarginChangeFigures {
  readonly equityWad: Wad;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
}

export interface StepChange extends MarginChangeFigures {
  readonly step: DifferenceStep;
  /** What could not be valued once this step was taken; its part is missing from this change and in a later one. */
  readonly failures: readonly PositionFailure[];
}

export interface PositionChange extends MarginChangeFigures {
  /** null: lines of the account itself. */
  readonly positionId: string | null;
}

/**
 * Why a margin is not what it was: positions, prices, parameters and the forecast (with the passing of time) are moved one
 * after the other, and each accounts for what changed when it moved. The sum is the whole change exactly, because every
 * step begins where the one before it ended; another order would share it out differently.
 */
export function differenceSteps(evaluate: (mixture: Mixture) => MarginResult): {
  readonly from: MarginResult;
  readonly to: MarginResult;
  readonly steps: readonly StepChange[];
} {
  let mixture: Mixture = { positions: 'from', prices: 'from', parameters: 'from', forecast: 'from' };
  const from = evaluate(mixture);
  let before = from;
  const steps = DIFFERENCE_STEPS.map((step): StepChange => {
    mixture = { ...mixture, [step]: 'to' };
    const after = evaluate(mixture);
    const change = {
      step,
      equityWad: after.equityWad - before.equityWad,
      initialWad: after.initialRequirementWad - before.initialRequirementWad,
      maintenanceWad: after.maintenanceRequirementWad - before.maintenanceRequirementWad,
      failures: after.failures,
    };
    before = after;
    return change;
  });
  return { from, to: before, steps };
}

/** The same change by position, from the additive lines of both: opened and closed positions included. */
export function positionChanges(from: MarginResult, to: MarginResult): PositionChange[] {
  const sums = new Map<string | null, { equityWad: Wad; initialWad: Wad; maintenanceWad: Wad }>();
  for (const [{ lines }, sign] of [
    [from, -1n],
    [to, 1n],
  ] as const) {
    for (const line of lines) {
      const sum = sums.get(line.positionId) ?? { equityWad: 0n, initialWad: 0n, maintenanceWad: 0n };
      sum.equityWad += sign * line.equityWad;
      sum.initialWad += sign * line.initialWad;
      sum.maintenanceWad += sign * line.maintenanceWad;
      sums.set(line.positionId, sum);
    }
  }
  return [...sums].map(([positionId, sum]) => ({ positionId, ...sum }));
}
