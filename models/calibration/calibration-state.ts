import type { Comparison, HorizonNumbers } from './horizon-monitor.ts';

/** Fewer resolved rows of the last 720 than this tell nothing. */
export const LEAST_MONITOR_ROWS = 360;
/** Deviations by which a coverage may miss its level. */
export const COVERAGE_DEVIATIONS = 4;
/** Hours for which neighbouring outcomes count as one, at least: volatility comes in spells of about a day. */
const SPELL_HOURS = 12;
/** Diebold-Mariano t and ratio of QLIKE beyond which a model counts as worse than the linear benchmark. */
export const WORSE_T = 3;
export const WORSE_RATIO = 1.05;

/** Share of the inputs whose distribution may lie beyond anything of the training years. */
export const LARGEST_SHIFTED_SHARE = 0.5;

export type CalibrationState = 'ok' | 'drifting' | 'unknown';

export interface Assessment {
  readonly state: CalibrationState;
  /** What drifts, one sentence each; why it is unknown. */
  readonly reasons: readonly string[];
}

/** Deviations of a coverage from its level, with one independent outcome per horizon or spell. */
export function coverageDeviations(p: number, share: number, hours: number, horizonHours: number): number {
  const independent = Math.max(1, hours / Math.max(horizonHours, SPELL_HOURS));
  return Math.abs(share - p) / Math.sqrt((p * (1 - p)) / independent);
}

/**
 * Whether a model's forecasts of one horizon still fit what happens: coverage of the issued quantiles over the last 30
 * days within its band, mean QLIKE not clearly above that of the benchmark (null where there is none), and most inputs
 * distributed as at some time in the training years (null where nobody watches them).
 */
export function assessCalibration(
  numbers: HorizonNumbers,
  benchmark: Comparison | null,
  inputs: { readonly columns: number; readonly beyond: number } | null = null,
): Assessment {
  if (numbers.hours < LEAST_MONITOR_ROWS) {
    return {
      state: 'unknown',
      reasons: [`${numbers.hours} resolved hours, ${LEAST_MONITOR_ROWS} are needed`],
    };
  }
  const reasons: string[] = [];
  for (const { p, share } of numbers.coverage) {
    if (coverageDeviations(p, share, numbers.hours, numbers.horizonHours) > COVERAGE_DEVIATIONS) {
      reasons.push(`${percent(share)} of outcomes at or below the ${percent(p)} quantile`);
    }
  }
  if (benchmark !== null && benchmark.t > WORSE_T && benchmark.ratio > WORSE_RATIO) {
    reasons.push(`QLIKE ${percent(benchmark.ratio - 1)} above logHARX168 (t ${benchmark.t.toFixed(1)})`);
  }
  if (inputs !== null && inputs.beyond > LARGEST_SHIFTED_SHARE * inputs.columns) {
    reasons.push(`${inputs.beyond} of ${inputs.columns} inputs unlike any month of the training years`);
  }
  return reasons.length === 0 ? { state: 'ok', reasons } : { state: 'drifting', reasons };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
