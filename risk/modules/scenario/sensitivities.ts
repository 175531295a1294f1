import type { SortedBook } from '../book/book.ts';
import { optionGreeks } from '../book/option-greeks.ts';
import { sensitivitiesOf } from '../book/sensitivities.ts';
import type { ContributionLine, PositionSensitivity } from '../module.ts';
import type { ScenarioTerms } from './terms.ts';
import { legSharesAt, type Underlying, type UnderlyingLoss, type UnderlyingLosses } from './underlying.ts';

/** Relative bump for the slope of a share of the loss. */
const BUMP = 1e-4;

/** d share of the loss / d spot of each option leg, by group and leg. */
function lossSlopes(u: Underlying, found: UnderlyingLoss): Float64Array[] {
  const up = legSharesAt(u, found, 1 + BUMP);
  const down = legSharesAt(u, found, 1 - BUMP);
  return up.map((shares, g) => shares.map((share, i) => (share - down[g]![i]!) / (2 * BUMP * u.spot)));
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
  );
  const options = underlyings.flatMap((u, k) => {
    if (u.options.length === 0) return [];
    const { initial, maintenance } = losses[k]!;
    const initialSlopes = lossSlopes(u, initial);
    const maintenanceSlopes = maintenance === initial ? initialSlopes : lossSlopes(u, maintenance);
    return u.options.flatMap((group, g) =>
      group.legs.map((leg, i): PositionSensitivity => {
        const { positionId, asset, delta, greeks } = optionGreeks(group, leg);
        const initialSlope = -initialSlopes[g]![i]! * terms.initialLossFactor;
        const maintenanceSlope = -maintenanceSlopes[g]![i]! * terms.maintenanceLossFactor;
        return { positionId, asset, delta, initialSlope, maintenanceSlope, ...(greeks && { greeks }) };
      }),
    );
  });
  return [...linear, ...options];
}
