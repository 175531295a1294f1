import { InvalidInputError } from '../errors.ts';

export interface ShrunkCovariance {
  /** Weight of the target (mean variance x identity), 0 to 1. */
  readonly shrinkage: number;
  readonly mean: readonly number[];
  /** (1 - shrinkage) S + shrinkage tr(S)/p I; S with divisor n. */
  readonly covariance: readonly (readonly number[])[];
}

interface Moments {
  readonly n: number;
  readonly p: number;
  readonly mean: number[];
  readonly centred: number[][];
  readonly covariance: number[][];
}

function momentsOf(rows: readonly (readonly number[])[]): Moments {
  const n = rows.length;
  const p = rows[0]?.length ?? 0;
  if (n < 2 || p === 0) throw new InvalidInputError('rows', 'must have at least two rows and one column');
  rows.forEach((row, i) => {
    if (row.length !== p) throw new InvalidInputError(`rows[${i}]`, `must have ${p} columns`);
    if (!row.every(Number.isFinite)) throw new InvalidInputError(`rows[${i}]`, 'must hold finite numbers');
  });
  const mean = Array.from({ length: p }, (_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / n);
  const centred = rows.map((row) => row.map((value, j) => value - mean[j]!));
  const covariance = mean.map((_, i) =>
    mean.map((__, j) => centred.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / n),
  );
  return { n, p, mean, centred, covariance };
}

function shrink({ mean, covariance }: Moments, target: number, shrinkage: number): ShrunkCovariance {
  return {
    shrinkage,
    mean,
    covariance: covariance.map((row, i) =>
      row.map((value, j) => (1 - shrinkage) * value + (i === j ? shrinkage * target : 0)),
    ),
  };
}

const squares = (matrix: readonly (readonly number[])[]) =>
  matrix.reduce((sum, row) => sum + row.reduce((inner, value) => inner + value * value, 0), 0);

/**
 * Shrinks a sample covariance towards a multiple of the identity with the weight of Ledoit and Wolf (2004), as
 * scikit-learn's LedoitWolf: centred rows, divisor n. Rows are observations.
 * @throws InvalidInputError
 */
export function ledoitWolf(rows: readonly (readonly number[])[]): ShrunkCovariance {
  const m = momentsOf(rows);
  const target = m.covariance.reduce((sum, row, i) => sum + row[i]!, 0) / m.p;
  const norm = squares(m.covariance);
  // sum over i, j of mean of (x_i x_j)^2 = mean over rows of (|x|^2)^2
  const fourth = m.centred.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0) ** 2, 0) / m.n;
  const beta = (fourth - norm) / (m.n * m.p);
  const delta = (norm - 2 * target * target * m.p + m.p * target * target) / m.p;
  const weight = delta > 0 ? Math.max(0, Math.min(beta, delta)) / delta : 0;
  return shrink(m, target, weight);
}

/** Oracle approximating shrinkage (Chen, Wiesel, Eldar and Hero 2010), as scikit-learn's OAS. */
export function oracleApproximating(rows: readonly (readonly number[])[]): ShrunkCovariance {
  const m = momentsOf(rows);
  const target = m.covariance.reduce((sum, row, i) => sum + row[i]!, 0) / m.p;
  const alpha = squares(m.covariance) / (m.p * m.p);
  const denominator = (m.n + 1) * (alpha - (target * target) / m.p);
  const weight = denominator === 0 ? 1 : Math.min(1, (alpha + target * target) / denominator);
  return shrink(m, target, weight);
}
