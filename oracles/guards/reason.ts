/** Why a quote was left out, or what is to be said about it; codes as in risk/market/verdict.ts. */
export interface GuardReason {
  readonly code: string;
  readonly message: string;
}

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
