import type { CrashRow } from './crashes.ts';
import { crashTable, goalLines, groupBy, SCORE_HEADER, scoreCells } from './format-backtest.ts';
import { type GoalResult, YARDSTICK_MODEL } from './goals.ts';
import { PLAIN_MODEL } from './margin-model.ts';
import type { AssetMargins } from './margin-walk.ts';
import type { MarginScores } from './score-margins.ts';
import { COLOURS, escapeText, pointChart, timeChart } from './svg-chart.ts';
import { SIDES, type Side } from './trailing-losses.ts';

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;color:#222;max-width:76rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-size:12px;display:block;overflow-x:auto}td,th{padding:2px 8px;text-align:right;
border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}figure{margin:1.5rem 0}figcaption span{margin-left:
1rem;white-space:nowrap}figcaption i{display:inline-block;width:10px;height:10px;margin-right:4px}svg{width:100%;font-size:11px}
.grid{stroke:#ddd}`;

/** The whole backtest as one HTML page: no script, no outside file. */
export function htmlReport(
  walks: readonly AssetMargins[],
  scores: readonly MarginScores[],
  crashes: readonly CrashRow[],
  goals: readonly GoalResult[],
): string {
  const groups = groupBy(scores, (one) => `${one.asset} ${one.side}`);
  const sections = walks.flatMap((walk) => [
    `<h2>${escapeText(walk.asset)}</h2>`,
    ...SIDES.flatMap((side) => {
      const group = groups.get(`${walk.asset} ${side}`);
      if (group === undefined) return [`<p>${side}: no day has all margins.</p>`];
      return [
        `<h3>${side}</h3>`,
        ...marginCharts(walk, side),
        tradeOff(walk.asset, side, group),
        table([[...SCORE_HEADER], ...group.map(scoreCells)]),
      ];
    }),
    '<h3>crashes</h3>',
    table(
      crashTable(
        crashes.filter((one) => one.asset === walk.asset),
        YARDSTICK_MODEL,
      ),
    ),
  ]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Margin backtest</title><style>${STYLE}</style></head><body>
<h1>Margin backtest</h1>
<p>99 % margin of one unit for 24 hours, decided at 00:00 UTC by what was known then. Formulas: docs/backtest.md.</p>
<ul>${goalLines(goals)
    .map((line) => `<li>${escapeText(line)}</li>`)
    .join('')}</ul>
${sections.join('\n')}
</body></html>
`;
}

function marginCharts(walk: AssetMargins, side: Side): string[] {
  const losses = { name: 'loss', colour: '#bbbbbb', values: walk.losses[side] };
  const ofSide = walk.series.filter((one) => one.side === side);
  const lines = (chosen: typeof ofSide, nameOf: (one: (typeof ofSide)[number]) => string) =>
    chosen.map((one, at) => ({
      name: nameOf(one),
      colour: COLOURS[at % COLOURS.length]!,
      values: one.margins,
    }));
  const plain = ofSide.filter((one) => one.policy === 'unbuffered');
  const buffered = ofSide.filter((one) => one.model === YARDSTICK_MODEL);
  const chart = (title: string, shown: ReturnType<typeof lines>) =>
    timeChart(`${walk.asset} ${side}: ${title}`, walk.days, shown, losses, 0.02, 1);
  return [
    chart(
      'margins without a buffer',
      lines(plain, (one) => one.model),
    ),
    chart(
      `${YARDSTICK_MODEL} under each policy`,
      lines(buffered, (one) => one.policy),
    ),
  ];
}

/** Procyclicality against shortfall at one mean margin: the lower left is better. */
function tradeOff(asset: string, side: Side, group: readonly MarginScores[]): string {
  const models = [...new Set(group.map((one) => one.model))];
  const colourOf = (model: string) => COLOURS[models.indexOf(model) % COLOURS.length]!;
  // Every flat multiple of historical simulation is the same point.
  const points = group
    .filter((one) => one.model !== PLAIN_MODEL || one.policy === 'unbuffered' || one.policy === 'floor')
    .map((one) => ({
      name: one.policy,
      colour: colourOf(one.model),
      x: one.peakTrough,
      y: 1e4 * one.shortfallAtPlainMean,
    }));
  return pointChart(
    `${asset} ${side}: trade-off`,
    'peak/trough',
    'mean shortfall at the mean margin of historical simulation, basis points',
    points,
    models.map((name) => ({ name, colour: colourOf(name) })),
  );
}

function table(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows;
  if (head === undefined) return '<p>none in the range</p>';
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line(head, 'th')}${body.map((cells) => line(cells, 'td')).join('')}</table>`;
}
