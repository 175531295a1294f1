import { InvalidInputError } from '../errors.ts';

/** Correlation of the assets' log returns; `values[i][j]` for `assets[i]` and `assets[j]`. */
export interface CorrelationMatrix {
  readonly assets: readonly string[];
  readonly values: readonly (readonly number[])[];
}

/** Every pair at the same correlation `rho`, for when nothing better is known. */
export function uniformCorrelation(assets: readonly string[], rho: number): CorrelationMatrix {
  return { assets, values: assets.map((_, i) => assets.map((__, j) => (i === j ? 1 : rho))) };
}

/**
 * Lower Cholesky factor, row-major, of the correlation of `wanted`, in their order. A matrix that is semidefinite
 * (perfectly correlated assets) is allowed.
 * @throws InvalidInputError naming `correlation...` when an asset is missing, or the matrix is not square, symmetric,
 *   with ones on the diagonal and positive semidefinite.
 */
export function choleskyOf(matrix: CorrelationMatrix, wanted: readonly string[]): Float64Array {
  const { assets, values } = matrix;
  if (new Set(assets).size !== assets.length)
    throw new InvalidInputError('correlation.assets', 'must not repeat');
  if (values.length !== assets.length || values.some((row) => row.length !== assets.length)) {
    throw new InvalidInputError('correlation.values', 'must be square, one row per asset');
  }
  values.forEach((row, i) => {
    row.forEach((value, j) => {
      const field = `correlation.values[${i}][${j}]`;
      if (!(value >= -1 && value <= 1)) throw new InvalidInputError(field, 'must be between -1 and 1');
      if (i === j && value !== 1) throw new InvalidInputError(field, 'must be 1 on the diagonal');
      if (Math.abs(value - values[j]![i]!) > 1e-12) throw new InvalidInputError(field, 'must be symmetric');
    });
  });
  const index = wanted.map((asset) => {
    const at = assets.indexOf(asset);
    if (at < 0) throw new InvalidInputError('correlation.assets', `has no ${asset}`);
    return at;
  });
  const n = wanted.length;
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = values[index[i]!]![index[j]!]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      if (i === j) {
        if (sum < -1e-9) throw new InvalidInputError('correlation.values', 'must be positive semidefinite');
        lower[i * n + i] = Math.sqrt(Math.max(0, sum));
      } else {
        const pivot = lower[j * n + j]!;
        if (pivot < 1e-7 && Math.abs(sum) > 1e-6) {
          throw new InvalidInputError('correlation.values', 'must be positive semidefinite');
        }
        lower[i * n + j] = pivot < 1e-7 ? 0 : sum / pivot;
      }
    }
  }
  return lower;
}
