import { expect, it } from 'vitest';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { ResidualTrust } from '../../../models/network/residual-trust.ts';
import { seededUniform } from '../../../risk/statistics/sequence.ts';
import { syntheticBars } from '../synthetic.ts';

/** Share after `hours` when the predicted shift is `slope`-th of what comes, plus noise. */
function shareOf(slope: number, hours: number): number {
  const bars = syntheticBars(hours, 231);
  const whole = new HourlyGrid();
  for (const bar of bars) whole.push(bar);
  const next = seededUniform(5);
  const grid = new HourlyGrid();
  const trust = new ResidualTrust(1);
  let share = Number.NaN;
  bars.forEach((bar, i) => {
    grid.push(bar);
    share = trust.share(grid, i);
    const log = Math.log(whole.outcome(i, 1));
    const shift = next() - 0.5;
    // The base leaves over what the shift says times the slope, and something else.
    trust.issue(log - slope * shift + 0.1 * (next() - 0.5), Number.isNaN(log) ? Number.NaN : shift);
  });
  return share;
}

it('believes what the past of the asset bears out, from nothing on', () => {
  expect(shareOf(1, 1)).toBe(0);
  expect(shareOf(0, 3_000)).toBeLessThan(0.05);
  expect(shareOf(-1, 3_000)).toBe(0);
  // n / (n + 720) of the slope: 2998 rows are resolved.
  expect(shareOf(0.5, 3_000)).toBeCloseTo((0.5 * 2_999) / 3_719, 1);
  expect(shareOf(3, 3_000)).toBe(1);
});
