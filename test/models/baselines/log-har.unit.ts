import { describe, expect, it } from 'vitest';
import { EWMA_DECAY_PER_HOUR, Ewma } from '../../../models/baselines/ewma.ts';
import { createLogHar } from '../../../models/baselines/log-har.ts';
import { writeLogHarColumns } from '../../../models/features/har-columns.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { syntheticBars } from '../synthetic.ts';

const HOURS = 9600;
const grid = new HourlyGrid();
const model = createLogHar();
const ewma = new Ewma();
const logs: number[][] = [];
const means: number[][] = [];
const ewmaMeans: number[][] = [];
for (const bar of syntheticBars(HOURS)) {
  grid.push(bar);
  const i = grid.length - 1;
  const raw = model.push(grid, i);
  logs.push([...raw.log]);
  means.push([...raw.mean]);
  ewmaMeans.push([...ewma.push(grid, i).mean]);
}

/** Least squares by Gauss elimination on an augmented matrix, independent of the solver under test. */
function plainLeastSquares(rows: number[][], targets: number[]): number[] {
  const n = rows[0]!.length + 1;
  const system = Array.from({ length: n }, () => new Array<number>(n + 1).fill(0));
  rows.forEach((row, at) => {
    const x = [1, ...row];
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) system[a]![b]! += x[a]! * x[b]!;
      system[a]![n]! += x[a]! * targets[at]!;
    }
  });
  for (let p = 0; p < n; p++) {
    for (let q = 0; q < n; q++) {
      if (q === p) continue;
      const factor = system[q]![p]! / system[p]![p]!;
      for (let c = p; c <= n; c++) system[q]![c]! -= factor * system[p]![c]!;
    }
  }
  return system.map((row, p) => row[n]! / row[p]!);
}

describe('logHAR', () => {
  it('has no forecast before row 8760 and one from it on', () => {
    expect(logs[8759]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(logs[8760]!.every(Number.isFinite)).toBe(true);
  });

  it.each([
    [0, 1],
    [1, 4],
    [2, 24],
  ])('horizon index %i: each refit is the least squares of the purged past, smeared', (k, h) => {
    for (const [refit, at] of [
      [8760, 8760],
      [8760, 9489],
      [9490, 9490],
      [9490, 9599],
    ] as const) {
      const rows: number[][] = [];
      const targets: number[] = [];
      for (let j = 719; j + h <= refit; j++) {
        const columns = new Float64Array(4);
        writeLogHarColumns(grid, j, columns);
        rows.push([...columns]);
        let y = 0;
        for (let s = 1; s <= h; s++) y += grid.variance.at(j + s);
        targets.push(Math.log(y / h));
      }
      const beta = plainLeastSquares(rows, targets);
      const value = (row: number[]) => row.reduce((sum, x, c) => sum + beta[c + 1]! * x, beta[0]!);
      const smearing =
        rows.reduce((sum, row, j) => sum + Math.exp(targets[j]! - value(row)), 0) / rows.length;
      const columns = new Float64Array(4);
      writeLogHarColumns(grid, at, columns);
      const fitted = value([...columns]);
      expect(logs[at]![k]).toBeCloseTo(fitted + Math.log(h), 6);
      expect(means[at]![k]! / (Math.exp(fitted) * smearing * h)).toBeCloseTo(1, 6);
    }
  });
});

describe('EWMA', () => {
  it('is the normalised weighted mean of squared returns times the horizon', () => {
    expect(ewmaMeans[23]![0]).toBeNaN();
    let sum = 0;
    let weights = 0;
    for (let j = 1; j <= 40; j++) {
      const weight = EWMA_DECAY_PER_HOUR ** (40 - j);
      sum += weight * grid.returns.at(j) ** 2;
      weights += weight;
    }
    expect(ewmaMeans[40]![0]! / (sum / weights)).toBeCloseTo(1, 12);
    expect(ewmaMeans[40]![2]! / ewmaMeans[40]![0]!).toBeCloseTo(24, 12);
    expect(EWMA_DECAY_PER_HOUR ** 24).toBeCloseTo(0.94, 14);
  });
});
