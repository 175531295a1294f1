import { type Schedule, schedule } from './schedule.ts';
import { type BoundTask, bindTask } from './task.ts';
import { type FactorReturnsPorts, factorReturns } from './tasks/factor-returns.ts';
import { type ForecastRefreshPorts, forecastRefresh } from './tasks/forecast-refresh.ts';
import { type MarginSweepPorts, marginSweep } from './tasks/margin-sweep.ts';
import { type MarginSweepPlanPorts, marginSweepPlan } from './tasks/margin-sweep-plan.ts';
import { type ModelReviewPorts, modelReview } from './tasks/model-review.ts';
import { type OutboxRelayPorts, outboxRelay } from './tasks/outbox-relay.ts';
import { type PriceSnapshotPorts, priceSnapshot } from './tasks/price-snapshot.ts';
import { type RetentionPorts, retention } from './tasks/retention.ts';

/** What the standard tasks need; the entry points wire it. */
export interface StandardPorts {
  readonly priceSnapshot: PriceSnapshotPorts;
  readonly forecastRefresh: ForecastRefreshPorts;
  readonly factorReturns: FactorReturnsPorts;
  readonly marginSweepPlan: MarginSweepPlanPorts;
  readonly marginSweep: MarginSweepPorts;
  readonly outboxRelay: OutboxRelayPorts;
  readonly modelReview: ModelReviewPorts;
  /** Default: the relay's database, the sweep's clock and DEFAULT_RETENTION. */
  readonly retention?: RetentionPorts;
}

/** Every task that a worker process runs. */
export function standardTasks(ports: StandardPorts): readonly BoundTask[] {
  const { database } = ports.outboxRelay;
  const { clock } = ports.marginSweepPlan;
  return [
    bindTask(priceSnapshot, ports.priceSnapshot),
    bindTask(forecastRefresh, ports.forecastRefresh),
    bindTask(factorReturns, ports.factorReturns),
    bindTask(marginSweepPlan, ports.marginSweepPlan),
    bindTask(marginSweep, ports.marginSweep),
    bindTask(outboxRelay, ports.outboxRelay),
    bindTask(modelReview, ports.modelReview),
    bindTask(retention, ports.retention ?? { database, clock }),
  ];
}

/** Wall time between two runs. What a run finds done already it does not do again, so these may be short. */
export interface Cadence {
  readonly priceSnapshotMs: number;
  readonly forecastRefreshMs: number;
  readonly factorReturnsMs: number;
  readonly marginSweepPlanMs: number;
  readonly outboxRelayMs: number;
  readonly modelReviewMs: number;
  readonly retentionMs: number;
}

export const DEFAULT_CADENCE: Cadence = {
  priceSnapshotMs: 10_000,
  forecastRefreshMs: 20_000,
  factorReturnsMs: 60_000,
  marginSweepPlanMs: 5_000,
  outboxRelayMs: 1_000,
  modelReviewMs: 300_000,
  retentionMs: 600_000,
};

/** Schedules of the standard tasks; `cadence` over the defaults. */
export function standardSchedules(cadence: Partial<Cadence> = {}): readonly Schedule[] {
  const every = { ...DEFAULT_CADENCE, ...cadence };
  return [
    schedule(priceSnapshot, every.priceSnapshotMs, {}),
    schedule(forecastRefresh, every.forecastRefreshMs, {}),
    schedule(factorReturns, every.factorReturnsMs, {}),
    schedule(marginSweepPlan, every.marginSweepPlanMs, {}),
    schedule(outboxRelay, every.outboxRelayMs, {}),
    schedule(modelReview, every.modelReviewMs, {}),
    schedule(retention, every.retentionMs, {}),
  ];
}
