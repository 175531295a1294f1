import { MS_PER_HOUR, type UnixMs } from '../units/time.ts';
import { type BufferParameters, bufferKey } from './parameters.ts';
import { type BufferSchedule, type FactorPath, factorsAt, pathAt } from './schedule.ts';
import type { BufferTarget } from './target.ts';

/** Smaller changes of the target do not restart a path. */
const SAME = 1e-9;

function still(value: number, nowMs: UnixMs, halfLifeMs: number): FactorPath {
  return { from: value, to: value, startMs: nowMs, endMs: null, halfLifeMs };
}

/**
 * The factor to aim at: a forecast that may not lower holds what is in force (and what was announced), and
 * without any history the cap stands in.
 */
function wanted(schedule: BufferSchedule | null, target: BufferTarget, held: number, cap: number): number {
  if (target.factor !== null && target.mayLower) return target.factor;
  if (schedule === null) return cap;
  return Math.min(cap, Math.max(held, target.factor ?? 1));
}

function nextMaintenance(
  previous: FactorPath,
  present: number,
  goal: number,
  nowMs: UnixMs,
  p: BufferParameters,
): FactorPath {
  if (goal <= present + SAME) {
    return {
      from: present,
      to: goal,
      startMs: nowMs,
      endMs: null,
      halfLifeMs: p.fallHalfLifeHours * MS_PER_HOUR,
    };
  }
  const announced = previous.endMs !== null && previous.endMs > nowMs ? previous : null;
  const halfLifeMs = p.riseHalfLifeHours * MS_PER_HOUR;
  if (announced && Math.abs(goal - announced.to) <= SAME) return announced;
  const within = announced !== null && goal < announced.to;
  const endMs = within ? announced.endMs! : nowMs + p.noticeHours * MS_PER_HOUR;
  if (endMs <= nowMs) return still(goal, nowMs, halfLifeMs);
  return { from: present, to: goal, startMs: nowMs, endMs, halfLifeMs };
}

/**
 * Moves a schedule to a new forecast. IM takes a rise at once; MM gets notice and ramps; both fall with the slow
 * half-life. A target that may not lower (missing, stale, limited forecast) holds. A `nowMs` before the last update
 * changes nothing: an older writer never overwrites a newer one. With no schedule both factors start at the target,
 * since nobody has been margined at a lower one.
 */
export function advanceBuffer(
  schedule: BufferSchedule | null,
  target: BufferTarget,
  nowMs: UnixMs,
  p: BufferParameters,
): BufferSchedule {
  if (schedule !== null && nowMs < schedule.updatedAtMs) return schedule;
  const fallHalfLifeMs = p.fallHalfLifeHours * MS_PER_HOUR;
  const before = schedule === null ? null : factorsAt(schedule, nowMs);
  const held = before?.initialFactor ?? p.cap;
  const goal = wanted(schedule, target, held, p.cap);
  const initialFrom = Math.min(p.cap, Math.max(goal, before?.initialFactor ?? goal));
  const holds = target.factor === null || !target.mayLower;

  let maintenance = still(goal, nowMs, fallHalfLifeMs);
  if (schedule !== null) {
    const present = Math.min(before!.maintenanceFactor, p.cap);
    const announcedGoal = Math.min(
      p.cap,
      Math.max(present, pathAt(schedule.maintenance, Number.MAX_SAFE_INTEGER)),
    );
    // Without a forecast that may lower: go on to what was announced, never below what is in force.
    const maintenanceGoal = holds ? Math.max(announcedGoal, Math.min(p.cap, target.factor ?? 1)) : goal;
    maintenance = nextMaintenance(schedule.maintenance, present, maintenanceGoal, nowMs, p);
  }
  const maxAgeMs = p.maxForecastAgeHours * MS_PER_HOUR;
  return {
    version: 1,
    key: bufferKey(target.asset, p),
    asset: target.asset,
    horizonHours: p.horizonHours,
    updatedAtMs: nowMs,
    initial: { from: initialFrom, to: goal, startMs: nowMs, endMs: null, halfLifeMs: fallHalfLifeMs },
    maintenance,
    fallsUntilMs: holds ? nowMs : Math.max(nowMs, target.forecastAsOfMs! + maxAgeMs),
    forecastAsOfMs: target.forecastAsOfMs,
    sigmaQuantile: target.sigmaQuantile,
    sigmaReference: target.sigmaReference,
    model: target.model,
    modelVersion: target.modelVersion,
    policy: p.policy,
    reasons: target.reasons,
  };
}
