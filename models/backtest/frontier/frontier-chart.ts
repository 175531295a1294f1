import { BOX, type Chart, COLOURS, escapeText, HEIGHT, WIDTH } from '../svg-chart.ts';
import type { FrontierPoint } from './frontier.ts';

const RIGHT = 24;

/**
 * Bad debt (basis points of notional, logarithmic) against the share of accounts liquidated without need, one curve per
 * margin, a point per level: the lower left is better.
 */
export function frontierChart(asset: string, points: readonly FrontierPoint[]): Chart {
  const names = [...new Set(points.map((one) => one.margin))];
  const legend = names.map((name, at) => ({ name, colour: COLOURS[at % COLOURS.length]! }));
  const shown = points.filter((one) => one.badDebt > 0);
  const xTop = 1.05 * Math.max(...shown.map((one) => one.unnecessary), 0.01);
  const debts = shown.map((one) => 1e4 * one.badDebt);
  const low = 10 ** Math.floor(Math.log10(Math.min(...debts, 1)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...debts, 10)));
  const x = (share: number) => BOX.left + (share / xTop) * (WIDTH - BOX.left - RIGHT);
  const y = (debt: number) =>
    HEIGHT - BOX.bottom - (Math.log(debt / low) / Math.log(high / low)) * (HEIGHT - BOX.top - BOX.bottom);
  const parts: string[] = [];
  for (let tick = low; tick <= high * 1.001; tick *= 10) {
    parts.push(
      `<line class="grid" x1="${BOX.left}" x2="${WIDTH - RIGHT}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/>`,
      `<text x="${BOX.left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${Number(tick.toPrecision(1))}</text>`,
    );
  }
  for (let tick = 0; tick <= xTop; tick += 0.05)
    parts.push(`<text x="${x(tick).toFixed(1)}" y="${HEIGHT - 8}">${(100 * tick).toFixed(0)} %</text>`);
  parts.push(
    `<text x="${BOX.left + 4}" y="${BOX.top - 8}">${escapeText('bad debt, basis points of notional')}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${BOX.top - 8}" text-anchor="end">accounts liquidated although the price came back</text>`,
  );
  for (const { name, colour } of legend) {
    const curve = shown.filter((one) => one.margin === name);
    const at = curve.map((one) => [x(one.unnecessary).toFixed(1), y(1e4 * one.badDebt).toFixed(1)] as const);
    const path = at.map(([px, py], k) => `${k === 0 ? 'M' : 'L'}${px} ${py}`).join('');
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`);
    for (const [px, py] of at) parts.push(`<circle cx="${px}" cy="${py}" r="2.5" fill="${colour}"/>`);
  }
  return {
    title: `${asset}: bad debt against unnecessary liquidations`,
    legend,
    parts,
  };
}
