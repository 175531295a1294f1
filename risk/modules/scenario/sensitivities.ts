import type { SortedBook } from '../book/book.ts';
import { optionGreeks } from '../book/option-greeks.ts';
import { sensitivitiesOf } from '../book/sensitivities.ts';
import type { ContributionLine, PositionSensitivity } from '../module.ts';
import { type Joints, memberOf } from './extra-lines.ts';
import type { JointLoss } from './offset.ts';
import type { ScenarioTerms } from './terms.ts';
import { legSharesAt, type Underlying, type UnderlyingLoss, type UnderlyingLosses } from './underlying.ts';

/** Terms that move with spot also for inverse contracts. */
const LOSS_TERMS: ReadonlySet<string> = new Set(['scenario-loss', 'correlation-offset', 'depeg']);

/** Relative bump for the slope of a share of the loss. */
const BUMP = 1e-4;

/** d share of the loss / d spot of each option leg, by group and leg. */
function lossSlopes(u: Underlying, found: UnderlyingLoss): Float64Array[] {
  const up = legSharesAt(u, found, 1 + BUMP);
  const down = legSharesAt(u, found, 1 - BUMP);
  return up.map((shares, g) => shares.map((share, i) => (share - down[g]![i]!) / (2 * BUMP * u.spot)));
}

/** The same with the share of the offset that its class gives: (1 - credit) apart + credit together. */
function mixedSlopes(
  u: Underlying,
  found: UnderlyingLoss,
  joints: readonly JointLoss[],
  k: number,
): Float64Array[] {
  const apart = lossSlopes(u, found);
  const member = memberOf(joints, k);
  if (member === null) return apart;
  const together = lossSlopes(u, member.loss);
  return apart.map((slopes, g) =>
    slopes.map((slope, i) => slope + member.credit * (together[g]![i]! - slope)),
  );
}

/**
 * Deltas, and slopes of the requirement: of options by central difference of each position's share of the worst loss,
 * in the scenario that is the worst at the present price. Where two scenarios tie the slope is that of the one named
 * as the worst.
 */
export function scenarioSensitivities(
  book: SortedBook,
  underlyings: readonly Underlying[],
  losses: readonly UnderlyingLosses[],
  joints: Joints,
  terms: ScenarioTerms,
  lines: readonly ContributionLine[],
): PositionSensitivity[] {
  const isLinear = new Set(
    [
      ...book.perps.flatMap((group) => group.positions),
      ...[...book.collateral, ...book.loans].map((leg) => leg.position),
    ].map(({ id }) => id),
  );
  const linear = sensitivitiesOf(
    book,
    lines.filter((each) => each.positionId !== null && isLinear.has(each.positionId)),
    LOSS_TERMS,
  );
  const options = underlyings.flatMap((u, k) => {
    if (u.options.length === 0) return [];
    const { initial, maintenance } = losses[k]!;
    const initialSlopes = mixedSlopes(u, initial, joints.initial, k);
    const maintenanceSlopes =
      maintenance === initial ? initialSlopes : mixedSlopes(u, maintenance, joints.maintenance, k);
    return u.options.flatMap((group, g) =>
      group.legs.map((leg, i): PositionSensitivity => {
        const { positionId, asset, delta, greeks } = optionGreeks(group, leg);
        const initialSlope = -initialSlopes[g]![i]! * (terms.initialLossFactor + terms.depegFactor);
        const maintenanceSlope = -maintenanceSlopes[g]![i]! * terms.maintenanceLossFactor;
        return { positionId, asset, delta, initialSlope, maintenanceSlope, ...(greeks && { greeks }) };
      }),
    );
  });
  return [...linear, ...options];
}
