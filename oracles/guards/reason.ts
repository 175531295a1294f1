/** Why a quote was left out, or what is to be said about it; codes as in risk/market/verdict.ts. */
export interface GuardReason {
  readonly code: string;
  readonly message: string;
  /** What was measured and the limit that it is beyond; absent where the guard compares no figures. */
  readonly measure?: Measure;
}

export interface Measure {
  readonly value: number;
  readonly limit: number;
  readonly unit: 'bp' | 's' | 'USD' | 'groups';
}

/** Doubles closer to a limit than this share of it leave the answer to bigints. */
const NEAR = 1e-9;

/** Whether `part` is more than so many millionths of `whole`, exactly; doubles say so where they can. */
export function exceeds(
  part: bigint,
  whole: bigint,
  limitPpm: bigint,
  partNumber = Number(part),
  wholeNumber = Number(whole),
): boolean {
  const left = partNumber * 1e6;
  const right = wholeNumber * Number(limitPpm);
  const near = NEAR * (Math.abs(left) + Math.abs(right));
  if (left > right + near) return true;
  return left >= right - near && part * 1_000_000n > whole * limitPpm;
}

/** Share of two amounts in basis points. */
export const bpsOf = (part: bigint, whole: bigint): number =>
  whole === 0n ? Number.MAX_SAFE_INTEGER : Number((part * 1_000_000n) / whole) / 100;

export const inBps = (part: bigint, whole: bigint, limit: number): Measure => ({
  value: bpsOf(part, whole),
  limit,
  unit: 'bp',
});

/** Seconds for people: whole from 10 s on. */
export function seconds(ms: number): string {
  const value = ms / 1000;
  return `${Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value)} s`;
}

/** Share of two amounts in basis points for people. */
export function bps(part: bigint, whole: bigint): string {
  if (whole === 0n) return 'infinite bp';
  return `${Number((part * 1_000_000n) / whole) / 100} bp`;
}
