import { alignColumns } from '../evaluation/format-table.ts';
import { CRASHES, type CrashRow } from './crashes.ts';
import {
  COMPARED_DEBTS,
  COMPARED_SHARES,
  type Comparison,
  CRASH_LEVEL,
  compareAt,
  compareAtDebt,
  type FrontierPoint,
} from './frontier/frontier.ts';
import type { GoalResult } from './goals.ts';
import { YARDSTICK_MODEL } from './margin-model.ts';
import type { MarginScores } from './score-margins.ts';
import type { TradeOff } from './trade-off.ts';

/** All that a backtest found. */
export interface BacktestResult {
  readonly scores: readonly MarginScores[];
  readonly crashes: readonly CrashRow[];
  readonly tradeOffs: readonly TradeOff[];
  readonly frontier: readonly FrontierPoint[];
  readonly goals: readonly GoalResult[];
}

/** A titled table, the first row its header. */
export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export const SCORE_HEADER = [
  'model, policy',
  'n',
  'exceeded',
  'Kupiec p',
  'independence p',
  'conditional p',
  'too many p',
  'clustered p',
  'zone',
  'mean margin %',
  'shortfall bp',
  'at HS mean bp',
  'peak/trough',
  '5-day rise %',
  'passes',
] as const;

const p = (value: number) => (value < 0.0005 ? '<0.001' : value.toFixed(3));
const percent = (value: number | null, digits = 1) => (value === null ? '-' : (100 * value).toFixed(digits));
const basisPoints = (value: number | null) => (value === null ? '-' : (1e4 * value).toFixed(2));

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
    p(one.clusteredP),
    one.zone,
    percent(one.meanMargin, 2),
    basisPoints(one.meanShortfall),
    basisPoints(one.shortfallAtPlainMean),
    one.peakTrough.toFixed(2),
    percent(one.largestRise, 0),
    one.passes ? 'yes' : 'no',
  ];
}

/** The crashes of one asset, one column per unbuffered model and one per policy of `policyModel`. */
export function crashTable(asset: string, all: readonly CrashRow[], policyModel = YARDSTICK_MODEL): Table[] {
  const rows = all.filter((one) => one.asset === asset);
  const first = rows[0];
  if (first === undefined) return [];
  const shown = (one: { model: string; policy: string }) =>
    one.policy === 'unbuffered' || one.model === policyModel;
  return [
    {
      title: `${asset} crashes: long loss and margin when the day began, %; the policies are those of ${policyModel}`,
      rows: [
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
      ],
    },
  ];
}

/** What the stress weights of the yardstick model gives. */
function tradeOffTable({ asset, side, points }: TradeOff): Table {
  return {
    title: `${asset} ${side}: ${YARDSTICK_MODEL} by weight of the stressed volatility`,
    rows: [
      ['weight %', '5-day rise %', 'peak/trough', 'shortfall at HS mean, bp'],
      ...points
        .filter((_, at) => at % 2 === 0 || points[at]!.weight === 0.25)
        .map((one) => [
          percent(one.weight, 0),
          percent(one.largestRise, 0),
          one.peakTrough.toFixed(2),
          basisPoints(one.shortfallAtPlainMean),
        ]),
    ],
  };
}

function withCapital(found: Comparison | null, cell: (one: Comparison) => string): string {
  return found === null ? '-' : `${cell(found)} (${percent(found.meanCapital)})`;
}

/** Bad debt of one asset's book: at equal unnecessary liquidations, at every level, and by crash. */
export function frontierTables(asset: string, all: readonly FrontierPoint[]): Table[] {
  const points = all.filter((one) => one.asset === asset);
  if (points.length === 0) return [];
  const curves = groupBy(points, (one) => one.margin);
  return [
    {
      title: `${asset}: bad debt, bp of notional, where this share of the accounts is liquidated although the price came back (mean capital, %)`,
      rows: [
        ['margin', ...COMPARED_SHARES.map((share) => `${percent(share, 0)} %`)],
        ...[...curves].map(([name, curve]) => [
          name,
          ...COMPARED_SHARES.map((share) =>
            withCapital(compareAt(curve, share), (one) => basisPoints(one.badDebt)),
          ),
        ]),
      ],
    },
    {
      title: `${asset}: share of the accounts liquidated although the price came back, %, where bad debt is this many bp of notional (mean capital, %)`,
      rows: [
        ['margin', ...COMPARED_DEBTS.map((debt) => (1e4 * debt).toFixed(0))],
        ...[...curves].map(([name, curve]) => [
          name,
          ...COMPARED_DEBTS.map((debt) =>
            withCapital(compareAtDebt(curve, debt), (one) => percent(one.unnecessary)),
          ),
        ]),
      ],
    },
    {
      title: `${asset}: bad debt by crash, bp of notional, at level ${CRASH_LEVEL}`,
      rows: [
        ['margin', ...CRASHES],
        ...points
          .filter((one) => one.level === CRASH_LEVEL)
          .map((one) => [one.margin, ...CRASHES.map((crash) => basisPoints(one.crashes[crash]!))]),
      ],
    },
    {
      title: `${asset}: the book of ${points[0]!.accounts} accounts at every level`,
      rows: [
        ['margin', 'level', 'capital %', 'liquidated %', 'unnecessary %', 'bad debt bp'],
        ...points.map((one) => [
          one.margin,
          String(one.level),
          percent(one.meanCapital),
          percent(one.liquidated),
          percent(one.unnecessary),
          basisPoints(one.badDebt),
        ]),
      ],
    },
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

/** Every table of the result. */
export function backtestTables({ scores, crashes, tradeOffs, frontier }: BacktestResult): Table[] {
  const assets = [...new Set([...scores, ...frontier].map((one) => one.asset))];
  return [
    ...[...groupBy(scores, (one) => `${one.asset} ${one.side}`)].map(([title, group]) => ({
      title,
      rows: [SCORE_HEADER, ...group.map(scoreCells)],
    })),
    ...assets.flatMap((asset) => crashTable(asset, crashes)),
    ...tradeOffs.map(tradeOffTable),
    ...assets.flatMap((asset) => frontierTables(asset, frontier)),
  ];
}

/** All tables and goals as text. */
export function formatBacktest(result: BacktestResult): string {
  return [
    ...backtestTables(result).flatMap(({ title, rows }) => [title, alignColumns(rows)]),
    goalLines(result.goals).join('\n'),
  ].join('\n\n');
}

/** The same as Markdown, under the command that made them. */
export function markdownBacktest(result: BacktestResult, command: string): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = ({ title, rows: [head, ...body] }: Table) =>
    [`## ${title}`, '', line(head ?? []), line((head ?? []).map(() => '---')), ...body.map(line)].join('\n');
  return `${[
    '# Margin backtest: tables',
    `Made by \`${command}\`; [backtest.md](../backtest.md) says what they mean.`,
    '## Goals',
    goalLines(result.goals)
      .map((goal) => `- ${goal}`)
      .join('\n'),
    ...backtestTables(result).map(table),
  ].join('\n\n')}\n`;
}
