import { describe, expect, it } from 'vitest';
import { createLogHarx168 } from '../../../models/baselines/log-harx168.ts';
import { FundingSeries } from '../../../models/features/funding-series.ts';
import { FUNDING_COLUMNS } from '../../../models/features/harx-columns.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 18_400;
const bars = syntheticBars(HOURS, 17);
/** Payments every eight hours from row `first` on, of a size the exchange's default rate is far from. */
const payments = (first: number) =>
  Array.from({ length: Math.floor((HOURS - first) / 8) }, (_, k) => ({
    tsMs: START_MS + (first + 8 * k) * MS_PER_HOUR,
    rate: 1e-4 * (8 * Math.sin(k / 5) + 4),
  }));

function walk(funding: FundingSeries) {
  const model = createLogHarx168({ other: null, funding });
  const grid = new HourlyGrid();
  const means: number[][] = [];
  const weights: boolean[] = [];
  const strange: boolean[] = [];
  for (const bar of bars) {
    grid.push(bar);
    const raw = model.push(grid, grid.length - 1);
    means.push([...raw.mean]);
    strange.push(raw.outOfRange[2]!);
    const fit = model.regressions[2]!.current;
    weights.push(fit !== null && FUNDING_COLUMNS.some((k) => fit.coefficients[k] !== 0));
  }
  return { means, weights, strange };
}

describe('logHARX168 where funding begins late', () => {
  const FIRST = 9000;
  const without = walk(new FundingSeries());
  const late = walk(new FundingSeries(payments(FIRST)));

  it('is the model without funding until there are 8760 hours of payments at a refit', () => {
    // Payments are known from the decision of row 8999 on; refits at 8760 + 730 k.
    const grown = 8760 + 730 * 13;
    expect(grown - 8999).toBeGreaterThan(8760);
    expect(grown - 730 - 8999).toBeLessThan(8760);
    expect(late.means.slice(0, grown)).toEqual(without.means.slice(0, grown));
    expect(late.strange.slice(0, grown)).toEqual(without.strange.slice(0, grown));
    expect(late.weights.indexOf(true)).toBe(grown);
    expect(late.means[grown]).not.toEqual(without.means[grown]);
  });

  it('never leaves the order of magnitude of the model without funding', () => {
    late.means.forEach((row, i) => {
      row.forEach((mean, k) => {
        const ratio = mean / without.means[i]![k]!;
        if (!Number.isNaN(ratio)) expect(Math.abs(Math.log(ratio))).toBeLessThan(1);
      });
    });
  });

  it('weighs funding from the first refit where it was there from the start', () => {
    const weights = walk(new FundingSeries(payments(0))).weights;
    expect(weights.indexOf(true)).toBe(8760);
  });
});
