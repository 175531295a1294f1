import { solveCholesky } from './cholesky.ts';

/** A linear model in the units of its columns: intercept + coefficients . x + cellEffects[cell]. */
export interface LinearFit {
  readonly intercept: number;
  readonly coefficients: Float64Array;
  /** Effect of each calendar cell; empty without cells. Cell 0 is the reference. */
  readonly cellEffects: Float64Array;
  readonly rows: number;
}

/**
 * Least squares and ridge on columns standardised with the mean and population deviation of the rows added so far,
 * by Cholesky on the correlation matrix. Rows are kept as moments only, so that a refit does not depend on their
 * number. Moments are taken about the first row (a shift), which keeps them well scaled; standardising bounds the
 * condition number by that of the correlation matrix, and normal equations square it: with the columns used here it
 * stays below 1e5, leaving ten digits. Dummies of calendar cells (all but cell 0) are columns like any others, added
 * in time proportional to the dense columns alone.
 */
export class NormalEquations {
  private readonly width: number;
  private readonly cells: number;
  private rows = 0;
  private readonly shift: Float64Array;
  private readonly sum: Float64Array;
  private readonly cross: Float64Array;
  private readonly crossTarget: Float64Array;
  private readonly cellCount: Float64Array;
  private readonly cellSum: Float64Array;
  private readonly cellTarget: Float64Array;
  private targetShift = 0;
  private targetSum = 0;
  private readonly centred: Float64Array;

  constructor(width: number, cells = 0) {
    this.width = width;
    this.cells = cells;
    this.shift = new Float64Array(width);
    this.sum = new Float64Array(width);
    this.cross = new Float64Array(width * width);
    this.crossTarget = new Float64Array(width);
    this.cellCount = new Float64Array(cells);
    this.cellSum = new Float64Array(cells * width);
    this.cellTarget = new Float64Array(cells);
    this.centred = new Float64Array(width);
  }

  get count(): number {
    return this.rows;
  }

  /** Adds the row of `data` at `offset` with its target; `cell` is ignored without cells. */
  add(data: Float64Array, offset: number, cell: number, target: number): void {
    const { width, shift, sum, cross, crossTarget, centred } = this;
    if (this.rows === 0) {
      for (let k = 0; k < width; k++) shift[k] = data[offset + k]!;
      this.targetShift = target;
    }
    const y = target - this.targetShift;
    this.rows += 1;
    this.targetSum += y;
    for (let k = 0; k < width; k++) {
      const x = data[offset + k]! - shift[k]!;
      centred[k] = x;
      sum[k] = sum[k]! + x;
      crossTarget[k] = crossTarget[k]! + x * y;
      for (let l = 0; l <= k; l++) cross[k * width + l] = cross[k * width + l]! + x * centred[l]!;
    }
    if (this.cells === 0) return;
    this.cellCount[cell] = this.cellCount[cell]! + 1;
    this.cellTarget[cell] = this.cellTarget[cell]! + y;
    for (let k = 0; k < width; k++) {
      this.cellSum[cell * width + k] = this.cellSum[cell * width + k]! + centred[k]!;
    }
  }

  /**
   * Fits all rows added; `ridge` is the penalty on standardised coefficients (intercept free). The columns of
   * `without` get no weight.
   */
  solve(ridge = 0, without: readonly number[] = []): LinearFit {
    const { width, rows: n } = this;
    const dummies = Math.max(0, this.cells - 1);
    const size = width + dummies;
    const mean = Float64Array.from({ length: size }, (_, a) => this.total(a) / n);
    const deviation = Float64Array.from({ length: size }, (_, a) => {
      if (without.includes(a)) return 0;
      const variance = this.product(a, a) / n - mean[a]! * mean[a]!;
      return variance > 1e-14 * (this.product(a, a) / n) && variance > 0 ? Math.sqrt(variance) : 0;
    });
    const matrix = new Float64Array(size * size);
    const right = new Float64Array(size);
    for (let a = 0; a < size; a++) {
      if (deviation[a] === 0) continue;
      right[a] = (this.productTarget(a) - mean[a]! * this.targetSum) / deviation[a]!;
      for (let b = 0; b <= a; b++) {
        if (deviation[b] === 0) continue;
        matrix[a * size + b] =
          (this.product(a, b) - n * mean[a]! * mean[b]!) / (deviation[a]! * deviation[b]!);
      }
      matrix[a * size + a] = matrix[a * size + a]! + ridge;
    }
    const beta = solveCholesky(matrix, right);
    let intercept = this.targetShift + this.targetSum / n;
    const coefficients = new Float64Array(width);
    const cellEffects = new Float64Array(this.cells);
    for (let a = 0; a < size; a++) {
      if (deviation[a] === 0) continue;
      const slope = beta[a]! / deviation[a]!;
      intercept -= slope * (mean[a]! + (a < width ? this.shift[a]! : 0));
      if (a < width) coefficients[a] = slope;
      else cellEffects[a - width + 1] = slope;
    }
    return { intercept, coefficients, cellEffects, rows: n };
  }

  private total(a: number): number {
    return a < this.width ? this.sum[a]! : this.cellCount[a - this.width + 1]!;
  }

  /** Sum of products of two columns, b <= a. */
  private product(a: number, b: number): number {
    const { width } = this;
    if (a < width) return this.cross[a * width + b]!;
    const cell = a - width + 1;
    if (b < width) return this.cellSum[cell * width + b]!;
    return a === b ? this.cellCount[cell]! : 0;
  }

  private productTarget(a: number): number {
    return a < this.width ? this.crossTarget[a]! : this.cellTarget[a - this.width + 1]!;
  }
}

/** Value of a fit at the row of `data` starting at `offset`. */
export function evaluateFit(fit: LinearFit, data: Float64Array, offset: number, cell: number): number {
  let value = fit.intercept + (fit.cellEffects.length > 0 ? fit.cellEffects[cell]! : 0);
  for (let k = 0; k < fit.coefficients.length; k++) value += fit.coefficients[k]! * data[offset + k]!;
  return value;
}
