/** `warning`: it works, but somebody should look; `failed`: it does not work, or not safely. */
export type Verdict = 'ok' | 'warning' | 'failed';

export const AREAS = [
  'configuration',
  'database',
  'queue',
  'keys',
  'rpc',
  'chain keys',
  'clock',
  'feeds',
  'model',
] as const;
export type Area = (typeof AREAS)[number];

/** One thing that was looked at. Holds no secret: it is printed and pasted into tickets. */
export interface Finding {
  readonly area: Area;
  /** What was looked at, e.g. `hub endpoint 1 (127.0.0.1:8545)`. */
  readonly subject: string;
  readonly verdict: Verdict;
  /** What was found, with figures. */
  readonly detail: string;
  /** What to do; null when nothing is to be done. */
  readonly action: string | null;
}

/** Makes the findings of one area. */
export function findingsOf(area: Area) {
  return {
    ok: (subject: string, detail: string): Finding => ({
      area,
      subject,
      verdict: 'ok',
      detail,
      action: null,
    }),
    warning: (subject: string, detail: string, action: string): Finding => ({
      area,
      subject,
      verdict: 'warning',
      detail,
      action,
    }),
    failed: (subject: string, detail: string, action: string): Finding => ({
      area,
      subject,
      verdict: 'failed',
      detail,
      action,
    }),
  };
}

/** The worst of all; `ok` for none. */
export function worst(findings: readonly Finding[]): Verdict {
  if (findings.some(({ verdict }) => verdict === 'failed')) return 'failed';
  return findings.some(({ verdict }) => verdict === 'warning') ? 'warning' : 'ok';
}

/** Seconds for people. */
export function inSeconds(ms: number): string {
  const seconds = ms / 1000;
  return `${Math.abs(seconds) < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** A duration for people in its largest whole unit. */
export function inWords(ms: number): string {
  if (ms < 120_000) return inSeconds(ms);
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`;
}
