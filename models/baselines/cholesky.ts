/** Pivots at or below this share of their diagonal mark a column that depends on those before it. */
const RELATIVE_PIVOT = 1e-11;

/**
 * Solves A x = b for a symmetric positive semidefinite A (row-major, n x n, overwritten by its factor). A column
 * that depends linearly on those before it gets x = 0 instead of a division by rounding noise.
 */
export function solveCholesky(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const dropped = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const diagonal = a[i * n + i]!;
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i !== j) a[i * n + j] = dropped[j] === 1 ? 0 : sum / a[j * n + j]!;
      else if (sum > RELATIVE_PIVOT * diagonal && diagonal > 0) a[i * n + i] = Math.sqrt(sum);
      else dropped[i] = 1;
    }
    if (dropped[i] === 1) for (let j = 0; j < i; j++) a[i * n + j] = 0;
  }
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (dropped[i] === 1) continue;
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    if (dropped[i] === 1) continue;
    let sum = x[i]!;
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  return x;
}
