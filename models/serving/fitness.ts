import { MS_PER_HOUR } from '../../risk/units/time.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import type { FundingSeries } from '../features/funding-series.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import type { InputNumbers } from '../network/feature-monitor.ts';

/** Why a model does not serve, or serves with a restriction. */
export interface FitnessReason {
  readonly code: string;
  readonly message: string;
}

/** A model that can tell that the present is none for it. */
export interface ServedModel extends RawModel {
  /** Why it must not serve row i, the last of the grid; null when it may. */
  unfit?(grid: HourlyGrid, i: number): FitnessReason | null;
  /** True while it only runs beside the others, to be compared: it does not serve and is no reason for anything. */
  readonly shadow?: boolean;
  /** Watches its inputs, where it can. */
  readonly inputs?: { numbers(): InputNumbers | null } | null;
}

/** More filled hours than this of the last 24, and the network, which reads them one by one, does not serve. */
export const MOST_MISSING_FOR_NETWORK = 2;
/** Likewise for the regressions, whose daily means are then mostly invented. */
export const MOST_MISSING_FOR_REGRESSIONS = 11;
/** Payments come every 8 hours; a series without one for a day has stopped. */
const LONGEST_FUNDING_SILENCE_MS = 24 * MS_PER_HOUR;

/** More than `most` of the last 24 hours are missing. */
export function tooManyMissing(grid: HourlyGrid, i: number, most: number): FitnessReason | null {
  const missing = grid.missing.trailUpTo(i, 24);
  if (missing <= most) return null;
  return { code: 'missing-hours', message: `${missing} of the last 24 hours are missing` };
}

/**
 * The funding series had begun and has stopped: its last rate would be taken for the present one. A series that never
 * began is neutral and no reason.
 */
export function staleFunding(funding: FundingSeries, grid: HourlyGrid, i: number): FitnessReason | null {
  const decisionMs = grid.decisionMs(i);
  const paidMs = funding.lastPaidMs(decisionMs);
  if (paidMs === null || decisionMs - paidMs <= LONGEST_FUNDING_SILENCE_MS) return null;
  const hours = Math.round((decisionMs - paidMs) / MS_PER_HOUR);
  return { code: 'stale-funding', message: `the last funding payment is ${hours} h old` };
}

/** `model` with a check of its inputs. */
export function withFitness(
  model: ServedModel,
  unfit: (grid: HourlyGrid, i: number) => FitnessReason | null,
): ServedModel {
  return {
    name: model.name,
    version: model.version,
    push: (grid, i) => model.push(grid, i),
    unfit,
    inputs: model.inputs ?? null,
  };
}
