/** QLIKE of a mean forecast: Y/f - ln(Y/f) - 1 (Patton 2011). */
export function qlike(outcome: number, forecast: number): number {
  const ratio = outcome / forecast;
  return ratio - Math.log(ratio) - 1;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Share of the variance of `actual` that `predicted` explains, about the mean of `actual`. */
export function rSquared(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const centre = mean(actual);
  let residual = 0;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    residual += (actual[i]! - predicted[i]!) ** 2;
    total += (actual[i]! - centre) ** 2;
  }
  return 1 - residual / total;
}

export function meanSquaredError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += (actual[i]! - predicted[i]!) ** 2;
  return sum / actual.length;
}

/**
 * Diebold and Mariano (1995): t statistic of the mean difference of two losses, its variance by Newey and West with
 * Bartlett weights. Negative: `loss` is smaller than `benchmark`. 0 when the losses are the same everywhere.
 */
export function dieboldMariano(loss: ArrayLike<number>, benchmark: ArrayLike<number>, lags: number): number {
  const n = loss.length;
  const difference = Float64Array.from({ length: n }, (_, i) => loss[i]! - benchmark[i]!);
  const centre = mean(difference);
  let variance = 0;
  for (let lag = 0; lag <= Math.min(lags, n - 1); lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += (difference[i]! - centre) * (difference[i - lag]! - centre);
    variance += ((lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * sum) / n;
  }
  return variance > 0 ? centre / Math.sqrt(variance / n) : 0;
}

/** Lags of the Newey-West variance at a horizon: overlapping targets and a day of persistence. */
export function neweyWestLags(horizonHours: number): number {
  return 3 * horizonHours + 24;
}
