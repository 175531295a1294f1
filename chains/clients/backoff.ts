export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Doubles from `firstMs` with each failure in a row, up to `maxMs`. */
export function backoffMs(consecutiveFailures: number, options: BackoffOptions): number {
  if (consecutiveFailures <= 0) return 0;
  return Math.min(options.firstMs * 2 ** (consecutiveFailures - 1), options.maxMs);
}
