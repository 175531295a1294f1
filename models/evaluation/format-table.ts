import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import type { AssetScores, HorizonScores } from './score-walk.ts';

const number = (value: number | null, digits: number) =>
  value === null || Number.isNaN(value) ? '-' : value.toFixed(digits);

/** Lines of a table with aligned columns; the first column to the left, the others to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  '),
    )
    .join('\n');
}

/** The tables of one asset as text: one per horizon, then the regime. */
export function formatScores(scores: AssetScores): string {
  const parts = HORIZONS_HOURS.map((h) => horizonTable(scores, h));
  const header = ['model', 'AUC', 'Brier skill', 'P@80R', 'onset AUC', 'onset skill', 'onset P@80R'];
  const rows = scores.regime.map(({ model, all, onset }) => [
    model,
    ...[all, onset].flatMap((one) => [
      number(one.auc, 3),
      number(one.brierSkill, 3),
      number(one.precisionAt80Recall, 3),
    ]),
  ]);
  const first = scores.regime[0];
  const counts = first === undefined ? '' : ` n = ${first.all.rows} hours, onset n = ${first.onset.rows}`;
  return [
    ...parts,
    `${scores.asset} regime (24 h variance above its trailing 90 % quantile),${counts}`,
    alignColumns([header, ...rows]),
  ].join('\n\n');
}

function horizonTable(scores: AssetScores, horizonHours: number): string {
  const shown = scores.horizons.filter((one) => one.horizonHours === horizonHours);
  const levels = [0.05, 0.5, 0.9, 0.99] as const;
  const header = [
    'model',
    'QLIKE',
    'R2',
    'MSE',
    'DM logHAR',
    'DM logHARX168',
    ...levels.map((p) => `<= q${p * 100}`),
  ];
  const rows = shown.map((one: HorizonScores) => [
    one.model,
    number(one.qlike, 4),
    number(one.r2, 4),
    number(one.mse, 4),
    number(one.dmLogHar, 2),
    number(one.dmLogHarx168, 2),
    ...levels.map((p) => number(one.coverage[QUANTILE_LEVELS.indexOf(p)]!, 3)),
  ]);
  return `${scores.asset} ${horizonHours} h, n = ${shown[0]?.n ?? 0} hours\n\n${alignColumns([header, ...rows])}`;
}
