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
 *
 * @typedef {object} ChartOptions
 * @property {string} label What the chart shows, for those who do not see it.
 * @property {readonly Line[]} lines
 * @property {readonly { upper: number, lower: number, colour: string }[]} [bands] Between two lines, by their index.
 * @property {(value: number) => string} format Of the values.
 * @property {(value: number) => string} [formatX] Default: UTC time.
 * @property {() => readonly { from: number, to: number, colour: string }[]} [shades] Spans of x behind the lines.
 * @property {number} [height]
 */

const FONT = '12px system-ui, sans-serif';

/** @param {ChartOptions} options */
export function createChart({ label, lines, bands = [], format, formatX, shades, height = 240 }) {
  const holder = h('div', { class: 'chart', role: 'img', 'aria-label': label });
  const write = formatX ?? ((value) => time(value * 1000).slice(11, 16));
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
      scales: { x: { time: false } },
      cursor: { drag: { x: false, y: false } },
      legend: { live: true },
      hooks: { drawClear: [shade] },
      axes: [
        { ...axis, grid: { show: false }, values: (_, ticks) => ticks.map(write), space: 70 },
        { ...axis, grid, values: (_, ticks) => ticks.map(format), size: 64 },
      ],
      bands: bands.map(({ upper, lower, colour: name }) => ({
        series: [upper + 1, lower + 1],
        fill: () => colour(name),
      })),
      series: [
        {
          label: formatX === undefined ? 'Time (UTC)' : '',
          value: (_, value) => (value == null ? '' : write(value)),
        },
        ...lines.map((line) => ({
          label: line.label,
          stroke: () => colour(line.colour),
          width: line.width ?? 2,
          dash: line.dash === undefined ? [] : [...line.dash],
          spanGaps: true,
          points: { show: line.points ?? false },
          value: (/** @type {uPlot} */ _, /** @type {number | null} */ value) =>
            value == null ? '' : format(value),
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
    element: holder,
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
