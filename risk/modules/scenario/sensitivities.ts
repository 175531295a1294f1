import type { SortedBook } from '../book/book.ts';
import { optionGreeks } from '../book/option-greeks.ts';
import { sensitivitiesOf } from '../book/sensitivities.ts';
import type { BufferView, ContributionLine, PositionSensitivity } from '../module.ts';
import { bufferedTerms, type ScenarioTerms } from './terms.ts';
import { type Underlying, underlyingLoss } from './underlying.ts';

/** Relative bump for the slope of the worst loss, which has kinks. */
const BUMP = 1e-4;

/** Deltas, and slopes of the requirement by central difference of each position's share of the worst loss. */
export function scenarioSensitivities(
  book: SortedBook,
  underlyings: readonly Underlying[],
  terms: ScenarioTerms,
  buffers: ReadonlyMap<string, BufferView | null>,
  lines: readonly ContributionLine[],
): PositionSensitivity[] {
  const linear = sensitivitiesOf(book, lines);
  const options = underlyings.flatMap((u) => {
    if (u.options.length === 0) return [];
    const buffer = buffers.get(u.asset) ?? null;
    const slopeOf = (factor: number, lossFactor: number) => {
      const own = bufferedTerms(terms, factor);
      const up = underlyingLoss(u, own, 1 + BUMP).legs;
      const down = underlyingLoss(u, own, 1 - BUMP).legs;
      return (g: number, i: number) => (-(up[g]![i]! - down[g]![i]!) * lossFactor) / (2 * BUMP * u.spot);
    };
    const initial = slopeOf(buffer?.initialFactor ?? 1, terms.initialLossFactor);
    const maintenance = slopeOf(buffer?.maintenanceFactor ?? 1, terms.maintenanceLossFactor);
    return u.options.flatMap((group, g) =>
      group.legs.map(
        (leg, i): PositionSensitivity => ({
          ...optionGreeks(group, leg),
          initialSlope: initial(g, i),
          maintenanceSlope: maintenance(g, i),
        }),
      ),
    );
  });
  return [...linear, ...options];
}
