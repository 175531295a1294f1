import { frontierCharts, marginCharts, type NamedChart, tradeOffChart } from './charts.ts';
import {
  type BacktestResult,
  crashTable,
  frontierTables,
  goalLines,
  groupBy,
  SCORE_HEADER,
  scoreCells,
} from './format-backtest.ts';
import type { AssetMargins } from './margin-walk.ts';
import type { MarginScores } from './score-margins.ts';
import { chartFigure, escapeText } from './svg-chart.ts';
import { SIDES, type Side } from './trailing-losses.ts';

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;color:#222;max-width:76rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-size:12px;display:block;overflow-x:auto}td,th{padding:2px 8px;text-align:right;
border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}figure{margin:1.5rem 0}figcaption span{margin-left:
1rem;white-space:nowrap}figcaption i{display:inline-block;width:10px;height:10px;margin-right:4px}svg{width:100%;font-size:11px}
.grid{stroke:#ddd}`;

/** Every chart of the backtest, by asset. */
export function allCharts(walks: readonly AssetMargins[], result: BacktestResult): NamedChart[] {
  const groups = groupBy(result.scores, (one) => `${one.asset} ${one.side}`);
  return walks.flatMap((walk) => [
    ...SIDES.flatMap((side) => {
      const group = groups.get(`${walk.asset} ${side}`);
      return group === undefined ? [] : sideCharts(walk, side, group, result);
    }),
    ...frontierCharts(walk.asset, result),
  ]);
}

function sideCharts(
  walk: AssetMargins,
  side: Side,
  group: readonly MarginScores[],
  { tradeOffs }: BacktestResult,
): NamedChart[] {
  const curves = tradeOffs.filter((one) => one.asset === walk.asset && one.side === side);
  return [...marginCharts(walk, side), ...curves.map((curve) => tradeOffChart(curve, group))];
}

/** The whole backtest as one HTML page: no script, no outside file. */
export function htmlReport(walks: readonly AssetMargins[], result: BacktestResult): string {
  const groups = groupBy(result.scores, (one) => `${one.asset} ${one.side}`);
  const sections = walks.flatMap(({ asset, ...walk }) => [
    `<h2>${escapeText(asset)}</h2>`,
    ...SIDES.flatMap((side) => {
      const group = groups.get(`${asset} ${side}`);
      if (group === undefined) return [`<p>${side}: no day has all margins.</p>`];
      const charts = sideCharts({ asset, ...walk }, side, group, result);
      return [
        `<h3>${side}</h3>`,
        ...charts.map(({ chart }) => chartFigure(chart)),
        table([SCORE_HEADER, ...group.map(scoreCells)]),
      ];
    }),
    ...[...crashTable(asset, result.crashes), ...frontierTables(asset, result.frontier)].flatMap(
      ({ title, rows }) => [`<h3>${escapeText(title)}</h3>`, table(rows)],
    ),
    ...frontierCharts(asset, result).map(({ chart }) => chartFigure(chart)),
  ]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Margin backtest</title><style>${STYLE}</style></head><body>
<h1>Margin backtest</h1>
<p>99 % margin of one unit for 24 hours, decided at 00:00 UTC by what was known then. Formulas: docs/backtest.md.</p>
<ul>${goalLines(result.goals)
    .map((line) => `<li>${escapeText(line)}</li>`)
    .join('')}</ul>
${sections.join('\n')}
</body></html>
`;
}

function table([head, ...body]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line(head ?? [], 'th')}${body.map((cells) => line(cells, 'td')).join('')}</table>`;
}
