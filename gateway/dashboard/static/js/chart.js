import uPlot from '/dashboard/uplot.js';
import { h } from './dom.js';
import { time } from './format.js';
import { colour } from './theme.js';

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} colour Name of a colour of the style sheet.
 * @property {readonly number[]} [dash]
 * @property {number} [width] 0 = only the edge of a band.
 * @property {boolean} [points]
 * @property {boolean} [gaps] Where there is no value, there is no line.
 *
 * @typedef {object} ChartOptions
 * @property {string} label What the chart shows, for those who do not see it.
 * @property {readonly Line[]} lines
 * @property {readonly { upper: number, lower: number, colour: string }[]} [bands] Between two lines, by their index.
 * @property {(value: number) => string} format Of the values.
 * @property {(value: number) => string} [formatX] Default: UTC time.
 * @property {() => readonly { from: number, to: number, colour: string }[]} [shades] Spans of x behind the lines.
 * @property {number} [height]
 * @property {number} [leastSpan] Of the values, so that noise does not fill the chart.
 */

/** Steps of a time axis, in seconds. */
const TIME_STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const FONT = '12px system-ui, sans-serif';

/** @param {ChartOptions} options */
export function createChart({
  label,
  lines,
  bands = [],
  format,
  formatX,
  shades,
  height = 240,
  leastSpan = 0,
}) {
  const holder = h('div', { class: 'chart', role: 'img', 'aria-label': label });
  const element = h('div', {}, holder, legend(lines, bands));
  const write = formatX ?? ((value) => time(value * 1000).slice(11, 16));
  /** With seconds where the marks are less than a minute apart. @param {number[]} ticks */
  const writeTicks = (ticks) =>
    formatX === undefined && ticks.length > 1 && (ticks[1] ?? 0) - (ticks[0] ?? 0) < 60
      ? ticks.map((value) => time(value * 1000).slice(11, 19))
      : ticks.map(write);
  const axis = { stroke: () => colour('--muted'), font: FONT, ticks: { show: false } };
  const grid = { stroke: () => colour('--grid'), width: 1 };
  /** @type {uPlot.AlignedData} */
  let data = [[], ...lines.map(() => [])];

  /** @param {uPlot} plot */
  const shade = (plot) => {
    for (const { from, to, colour: name } of shades?.() ?? []) {
      const left = plot.valToPos(from, 'x', true);
      const right = plot.valToPos(to, 'x', true);
      plot.ctx.fillStyle = colour(name);
      plot.ctx.fillRect(left, plot.bbox.top, Math.max(1, right - left), plot.bbox.height);
    }
  };
  const plot = new uPlot(
    {
      width: 400,
      height,
      scales: { x: { time: false }, y: { range: (_, low, high) => spanOf(low, high, leastSpan) } },
      cursor: { drag: { x: false, y: false } },
      legend: { show: false },
      hooks: { drawClear: [shade] },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 30,
          values: (_, ticks) => writeTicks(ticks),
          space: 70,
          ...(formatX === undefined ? { incrs: TIME_STEPS } : {}),
        },
        { ...axis, grid, values: (_, ticks) => ticks.map(format), size: 80 },
      ],
      bands: bands.map(({ upper, lower, colour: name }) => ({
        series: [upper + 1, lower + 1],
        fill: () => colour(name),
      })),
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: () => colour(line.colour),
          width: line.width ?? 2,
          dash: line.dash === undefined ? [] : [...line.dash],
          spanGaps: line.gaps !== true,
          points: { show: line.points ?? false },
        })),
      ],
    },
    data,
    holder,
  );
  const resize = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width > 0 && width !== plot.width) plot.setSize({ width, height });
  });
  resize.observe(holder);
  const redraw = () => plot.redraw(false, true);
  document.addEventListener('themechange', redraw);
  return {
    element,
    /** @param {uPlot.AlignedData} next x ascending, then a row per line @param {string} [summary] in words */
    update(next, summary) {
      if (summary !== undefined) holder.setAttribute('aria-label', `${label}. ${summary}`);
      if (JSON.stringify(next) === JSON.stringify(data)) return;
      data = next;
      plot.setData(next);
    },
    destroy() {
      resize.disconnect();
      document.removeEventListener('themechange', redraw);
      plot.destroy();
    },
  };
}

/** What the colours mean, in words. @param {readonly Line[]} lines @param {NonNullable<ChartOptions['bands']>} bands */
function legend(lines, bands) {
  /** @param {string} colourName @param {string} name @param {string} kind */
  const entry = (colourName, name, kind) => {
    const swatch = h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' });
    swatch.style.setProperty('--swatch', `var(${colourName})`);
    return h('li', {}, swatch, name);
  };
  return h(
    'ul',
    { class: 'legend' },
    ...bands.map(({ upper, lower, colour: name }) =>
      entry(name, `${lines[lower]?.label} to ${lines[upper]?.label}`, 'area'),
    ),
    ...lines
      .filter(({ width }) => width !== 0)
      .map((line) => entry(line.colour, line.label, line.dash === undefined ? 'solid' : 'dashed')),
  );
}

/**
 * @param {number | null} low
 * @param {number | null} high
 * @param {number} least
 * @returns {[number, number]}
 */
function spanOf(low, high, least) {
  if (low === null || high === null) return [0, 1];
  const missing = Math.max(0, least - (high - low), (high === low ? Math.abs(high) : 0) * 0.02);
  const pad = (high - low) * 0.06 + missing / 2;
  return pad === 0 ? [low - 1, high + 1] : [low - pad, high + pad];
}
