/** One line of a chart; values outside the scale are left out. */
export interface ChartLine {
  readonly name: string;
  readonly colour: string;
  readonly values: ArrayLike<number>;
}

/** A chart before it is placed in a page or a file. */
export interface Chart {
  readonly title: string;
  readonly legend: readonly Pick<ChartLine, 'name' | 'colour'>[];
  readonly parts: readonly string[];
}

export const COLOURS = [
  '#1f4e79',
  '#c55a11',
  '#548235',
  '#7030a0',
  '#7f7f7f',
  '#bf9000',
  '#c00000',
  '#008080',
  '#00b0f0',
  '#ff66cc',
] as const;

export const WIDTH = 960;
export const HEIGHT = 280;
export const BOX = { left: 52, right: 12, top: 24, bottom: 26 } as const;

/** Text as it may stand in HTML and SVG. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * Lines and dots over days, the vertical scale logarithmic between `low` and `high` (shares, shown in %). Dots are values
 * at or above `low`; what lies above `high` is drawn at the edge.
 */
export function timeChart(
  title: string,
  days: readonly number[],
  lines: readonly ChartLine[],
  dots: ChartLine,
  low: number,
  high: number,
): Chart {
  const x = (d: number) => BOX.left + (d / Math.max(1, days.length - 1)) * (WIDTH - BOX.left - BOX.right);
  const y = (value: number) => {
    const share = Math.log(Math.min(Math.max(value, low), high) / low) / Math.log(high / low);
    return HEIGHT - BOX.bottom - share * (HEIGHT - BOX.top - BOX.bottom);
  };
  const parts = [0.02, 0.05, 0.1, 0.2, 0.5, 1]
    .filter((tick) => tick >= low && tick <= high)
    .map(
      (tick) =>
        `<line class="grid" x1="${BOX.left}" x2="${WIDTH - BOX.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/>` +
        `<text x="${BOX.left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${(100 * tick).toFixed(0)} %</text>`,
    );
  days.forEach((t, d) => {
    const date = new Date(t).toISOString().slice(0, 10);
    if (!date.endsWith('-01-01')) return;
    parts.push(`<text x="${x(d).toFixed(1)}" y="${HEIGHT - 8}">${date.slice(0, 4)}</text>`);
  });
  // Round caps on strokes without length: a dot costs a dozen characters.
  let marks = '';
  days.forEach((_, d) => {
    const value = dots.values[d]!;
    if (value >= low) marks += `M${x(d).toFixed(1)} ${y(value).toFixed(1)}h0`;
  });
  parts.push(`<path d="${marks}" stroke="${dots.colour}" stroke-width="3" stroke-linecap="round"/>`);
  for (const line of lines) {
    let path = '';
    let pen = 'M';
    days.forEach((_, d) => {
      const value = line.values[d]!;
      if (!Number.isFinite(value)) {
        pen = 'M';
        return;
      }
      path += `${pen}${x(d).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
    });
    parts.push(`<path d="${path}" fill="none" stroke="${line.colour}" stroke-width="1.2"/>`);
  }
  return { title, legend: [...lines, dots], parts };
}

export interface ChartPoint {
  readonly name: string;
  readonly colour: string;
  /** At least 1: the scale is logarithmic. */
  readonly x: number;
  readonly y: number;
}

/** Named points over a grey line, the horizontal scale logarithmic from 1, the vertical linear from zero. */
export function pointChart(
  title: string,
  xName: string,
  yName: string,
  points: readonly ChartPoint[],
  legend: Chart['legend'],
  line: readonly (readonly [x: number, y: number])[] = [],
): Chart {
  const top = (values: readonly number[], least: number) => 1.1 * Math.max(...values, least);
  const xTop = top([...points.map((one) => one.x), ...line.map(([at]) => at)], 2);
  const yTop = top([...points.map((one) => one.y), ...line.map(([, at]) => at)], 1e-9);
  const x = (value: number) =>
    BOX.left + (Math.log(value) / Math.log(xTop)) * (WIDTH - BOX.left - BOX.right - 60);
  const y = (value: number) => HEIGHT - BOX.bottom - (value / yTop) * (HEIGHT - BOX.top - BOX.bottom);
  const parts = [1, 2, 5, 10, 20, 50]
    .filter((tick) => tick <= xTop)
    .map((tick) => `<text x="${x(tick).toFixed(1)}" y="${HEIGHT - 8}">${tick}</text>`);
  for (const share of [0, 0.25, 0.5, 0.75]) {
    const at = y(share * yTop);
    parts.push(
      `<line class="grid" x1="${BOX.left}" x2="${WIDTH - BOX.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/>`,
      `<text x="${BOX.left - 6}" y="${(at + 4).toFixed(1)}" text-anchor="end">${(share * yTop).toFixed(1)}</text>`,
    );
  }
  parts.push(
    `<text x="${WIDTH - BOX.right}" y="${HEIGHT - 8}" text-anchor="end">${escapeText(xName)}</text>`,
    `<text x="${BOX.left + 4}" y="${BOX.top - 8}">${escapeText(yName)}</text>`,
  );
  const path = line.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`);
  parts.push(`<path d="${path.join('')}" fill="none" stroke="#999" stroke-width="1.2"/>`);
  for (const one of points) {
    const [px, py] = [x(one.x), y(one.y)];
    parts.push(
      `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3.5" fill="${one.colour}"/>`,
      `<text x="${(px + 5).toFixed(1)}" y="${(py + 4).toFixed(1)}" fill="${one.colour}">${escapeText(one.name)}</text>`,
    );
  }
  return { title, legend, parts };
}

/** A chart as a figure of an HTML page, its legend in the caption. */
export function chartFigure({ title, legend, parts }: Chart): string {
  const keys = legend.map(
    (one) => `<span><i style="background:${one.colour}"></i>${escapeText(one.name)}</span>`,
  );
  return (
    `<figure><figcaption>${escapeText(title)} ${keys.join(' ')}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}">${parts.join('')}</svg></figure>`
  );
}

/** A chart as an SVG file of its own: title and legend above, colours that do not depend on a page. */
export function chartFile({ title, legend, parts }: Chart): string {
  let x: number = BOX.left;
  let y = 34;
  const keys = legend.map(({ name, colour }) => {
    const width = 26 + 6.2 * name.length;
    if (x + width > WIDTH) {
      x = BOX.left;
      y += 16;
    }
    const key = `<text x="${x.toFixed(0)}" y="${y}" fill="${colour}">■ ${escapeText(name)}</text>`;
    x += width;
    return key;
  });
  const top = y + 8;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT + top}" font-family="sans-serif" font-size="11">` +
    `<title>${escapeText(title)}</title><style>.grid{stroke:#ddd}</style>` +
    `<rect width="${WIDTH}" height="${HEIGHT + top}" fill="#fff"/>` +
    `<text x="${BOX.left}" y="16" font-size="13">${escapeText(title)}</text>${keys.join('')}` +
    `<g transform="translate(0 ${top})">${parts.join('')}</g></svg>\n`
  );
}
