const CLOSE_WEIGHT = 2 * Math.LN2 - 1;

/**
 * Hourly variance of one bar: Garman and Klass (1980) with the open gap,
 * v = 0.5 ln(H/L)^2 - (2 ln 2 - 1) ln(C/O)^2 + ln(O/C_prev)^2. Never negative while low <= open, close <= high.
 * Without a previous close the gap counts as zero.
 */
export function garmanKlassVariance(
  open: number,
  high: number,
  low: number,
  close: number,
  previousClose: number | null,
): number {
  const range = Math.log(high / low);
  const body = Math.log(close / open);
  const gap = previousClose === null ? 0 : Math.log(open / previousClose);
  return Math.max(0, 0.5 * range * range - CLOSE_WEIGHT * body * body + gap * gap);
}
