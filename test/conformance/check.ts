/** What a runner reports about one vector set. */
export interface ConformanceResult {
  readonly name: string;
  readonly passed: number;
  readonly total: number;
  /** Worst relative error of any figure (absolute where the expected figure is below the set's absolute scale). */
  readonly worst: number;
  /** One sentence per failed case. */
  readonly failures: readonly string[];
}

export interface Tolerance {
  readonly relative: number;
  /** Differences up to this pass whatever the relative error. */
  readonly absolute?: number;
}

/** Compares one figure of a case. */
export type Near = (what: string, actual: number, expected: number, tolerance?: Tolerance) => void;

/** Counts cases of one set. A case passes when every figure in it is within tolerance and nothing throws. */
export class Tally {
  readonly name: string;
  readonly tolerance: Tolerance;
  #passed = 0;
  #total = 0;
  #worst = 0;
  readonly #failures: string[] = [];

  constructor(name: string, tolerance: Tolerance) {
    this.name = name;
    this.tolerance = tolerance;
  }

  case(label: string, run: (near: Near) => void): void {
    this.#total++;
    const problems: string[] = [];
    let figures = 0;
    const near: Near = (what, actual, expected, tolerance = this.tolerance) => {
      figures++;
      const error = Math.abs(actual - expected);
      const absolute = tolerance.absolute ?? 0;
      const scale = Math.max(Math.abs(expected), tolerance.relative > 0 ? absolute / tolerance.relative : 1);
      const relative = error === 0 ? 0 : scale > 0 ? error / scale : error;
      if (relative > this.#worst || Number.isNaN(relative)) this.#worst = relative;
      if (!(error <= Math.max(absolute, tolerance.relative * Math.abs(expected)))) {
        problems.push(`${what} is ${actual}, expected ${expected}`);
      }
    };
    try {
      run(near);
      if (figures === 0) problems.push('compared nothing');
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
    if (problems.length === 0) this.#passed++;
    else this.#failures.push(`${label}: ${problems.join('; ')}`);
  }

  result(): ConformanceResult {
    return {
      name: this.name,
      passed: this.#passed,
      total: this.#total,
      worst: this.#worst,
      failures: this.#failures,
    };
  }
}
