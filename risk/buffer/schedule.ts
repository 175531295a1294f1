import type { Reason } from '../market/verdict.ts';
import type { UnixMs } from '../units/time.ts';

/** One factor moving from `from` at `startMs` to `to`: a fall without end, or a rise that ends at `endMs`. */
export interface FactorPath {
  readonly from: number;
  readonly to: number;
  readonly startMs: UnixMs;
  /** Rise: when `to` is reached in full. null: exponential approach without an end (a fall), or no move at all. */
  readonly endMs: UnixMs | null;
  readonly halfLifeMs: number;
}

/**
 * The predictive buffer of one asset as state: everything that is needed to know the factors at any later time.
 * JSON-serialisable; stored once, read by every process, so that all give the same answer for the same moment.
 */
export interface BufferSchedule {
  readonly version: 1;
  /** `bufferKey` of the parameters it was made with. */
  readonly key: string;
  readonly asset: string;
  readonly horizonHours: number;
  readonly updatedAtMs: UnixMs;
  readonly initial: FactorPath;
  readonly maintenance: FactorPath;
  /** After this moment the forecast is too old to lower a margin: falls stand still until the next one. */
  readonly fallsUntilMs: UnixMs;
  readonly forecastAsOfMs: UnixMs | null;
  readonly sigmaQuantile: number | null;
  readonly sigmaReference: number | null;
  readonly model: string;
  readonly modelVersion: string;
  readonly policy: string;
  readonly reasons: readonly Reason[];
}

/** The buffer in force at one moment. */
export interface BufferFactors {
  readonly initialFactor: number;
  readonly maintenanceFactor: number;
  /** Where maintenance is going. */
  readonly maintenanceTarget: number;
  /** When an announced rise is fully in force; null when none is under way. */
  readonly effectiveFromMs: UnixMs | null;
  readonly reasons: readonly Reason[];
}

/**
 * Value of a path. A rise covers the gap with the half-life, normalised so that it ends exactly at `endMs`;
 * restarting it half-way therefore continues the same curve.
 */
export function pathAt(path: FactorPath, nowMs: UnixMs): number {
  const elapsed = Math.max(0, nowMs - path.startMs);
  const decay = 2 ** (-elapsed / path.halfLifeMs);
  if (path.endMs === null) return within(path, path.to + (path.from - path.to) * decay);
  if (nowMs >= path.endMs) return path.to;
  const atEnd = 2 ** (-(path.endMs - path.startMs) / path.halfLifeMs);
  return within(path, path.to - ((path.to - path.from) * (decay - atEnd)) / (1 - atEnd));
}

function within({ from, to }: FactorPath, value: number): number {
  return Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
}

function falls({ from, to }: FactorPath): boolean {
  return to < from;
}

/** Factors in force at `nowMs`; pure, the same in every process that holds the same schedule. */
export function factorsAt(schedule: BufferSchedule, nowMs: UnixMs): BufferFactors {
  const stale = nowMs > schedule.fallsUntilMs;
  const fallTime = Math.min(nowMs, schedule.fallsUntilMs);
  const { initial, maintenance } = schedule;
  const initialFactor = pathAt(initial, falls(initial) ? fallTime : nowMs);
  const rising = maintenance.endMs !== null && nowMs < maintenance.endMs;
  const told = schedule.reasons.some((reason) => reason.code.startsWith('forecast-'));
  return {
    initialFactor,
    maintenanceFactor: Math.min(pathAt(maintenance, falls(maintenance) ? fallTime : nowMs), initialFactor),
    maintenanceTarget: maintenance.to,
    effectiveFromMs: rising ? maintenance.endMs : null,
    reasons:
      stale && !told
        ? [
            ...schedule.reasons,
            {
              code: 'forecast-stale',
              message: `no fresh ${schedule.asset} forecast: the buffer is held, it does not fall`,
              subject: schedule.asset,
            },
          ]
        : schedule.reasons,
  };
}
