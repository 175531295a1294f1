import { alignColumns } from '../evaluation/format-table.ts';
import type { CrashRow } from './crashes.ts';
import type { GoalResult } from './goals.ts';
import type { MarginScores } from './score-margins.ts';

export const SCORE_HEADER = [
  'model, policy',
  'n',
  'exceeded',
  'Kupiec p',
  'independence p',
  'conditional p',
  'too many p',
  'zone',
  'mean margin %',
  'shortfall bp',
  'at HS mean bp',
  'peak/trough',
  '5-day rise %',
  'passes',
] as const;

const p = (value: number) => (value < 0.0005 ? '<0.001' : value.toFixed(3));

/** Cells under SCORE_HEADER. */
export function scoreCells(one: MarginScores): string[] {
  return [
    `${one.model}, ${one.policy}`,
    String(one.observations),
    String(one.exceedances),
    p(one.kupiecP),
    p(one.independenceP),
    p(one.conditionalP),
    p(one.tooManyP),
    one.zone,
    (100 * one.meanMargin).toFixed(2),
    (1e4 * one.meanShortfall).toFixed(2),
    (1e4 * one.shortfallAtPlainMean).toFixed(2),
    one.peakTrough.toFixed(2),
    (100 * one.largestRise).toFixed(0),
    one.passes ? 'yes' : 'no',
  ];
}

/** Header and rows of the crashes of one asset, one column per unbuffered model and one per policy of the last. */
export function crashTable(rows: readonly CrashRow[], policyModel: string): string[][] {
  const first = rows[0];
  if (first === undefined) return [];
  const shown = (one: { model: string; policy: string }) =>
    one.policy === 'unbuffered' || one.model === policyModel;
  const percent = (value: number | null) => (value === null ? '-' : (100 * value).toFixed(1));
  return [
    [
      'day',
      'loss %',
      ...first.margins.filter(shown).map((m) => (m.policy === 'unbuffered' ? m.model : m.policy)),
    ],
    ...rows.map((row) => [
      new Date(row.dayMs).toISOString().slice(0, 10),
      percent(row.loss),
      ...row.margins.filter(shown).map((m) => percent(m.margin)),
    ]),
  ];
}

/** One line per goal, with what failed. */
export function goalLines(goals: readonly GoalResult[]): string[] {
  return goals.map(
    ({ goal, held, of, failed }) =>
      `${held} of ${of}: ${goal}${failed.length === 0 ? '' : ` (not: ${failed.join('; ')})`}`,
  );
}

/** Groups in order of first appearance. */
export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** All tables as text. */
export function formatBacktest(
  scores: readonly MarginScores[],
  crashes: readonly CrashRow[],
  goals: readonly GoalResult[],
  policyModel: string,
): string {
  const parts: string[] = [];
  const groups = groupBy(scores, (one) => `${one.asset} ${one.side}`);
  for (const [title, group] of groups)
    parts.push(title, alignColumns([SCORE_HEADER, ...group.map(scoreCells)]));
  for (const [asset, rows] of groupBy(crashes, (one) => one.asset)) {
    parts.push(
      `${asset} crashes: long loss and margin when the day began, %; the policies are those of ${policyModel}`,
      alignColumns(crashTable(rows, policyModel)),
    );
  }
  parts.push(goalLines(goals).join('\n'));
  return parts.join('\n\n');
}
