import type { SortedBook } from '../book/book.ts';
import { line } from '../lines.ts';
import type { ContributionLine, PositionSensitivity, RevaluedMargin } from '../module.ts';
import { settledDelta, settledValueAt } from './leg.ts';

/** What settled positions are worth; they need no margin. */
export const settledLines = ({ settled }: SortedBook): ContributionLine[] =>
  settled.map(({ position, valueWad }) => line(position, 'settlement', { equity: valueWad }));

export const settledSensitivities = ({ settled }: SortedBook): PositionSensitivity[] =>
  settled.map((leg) => ({
    positionId: leg.position.id,
    asset: leg.asset,
    delta: settledDelta(leg),
    initialSlope: 0,
    maintenanceSlope: 0,
  }));

/** Adds settled positions to a revalued margin. */
export function addSettled(
  { settled }: SortedBook,
  scaleOf: (asset: string) => number,
  out: RevaluedMargin,
): void {
  for (const leg of settled) out.equity += settledValueAt(leg, leg.coins === null ? 1 : scaleOf(leg.asset));
}
