import type { Logger } from 'pino';
import type { Database } from '../../db/connection.ts';
import type { OutboxEntry } from '../../db/queries/outbox.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import type { ObserveRun } from '../../jobs/run-task.ts';
import { startWorkers, type Workers } from '../../jobs/runtime.ts';
import type { Schedule } from '../../jobs/schedule.ts';
import { type Cadence, standardSchedules, standardTasks } from '../../jobs/standard.ts';
import type { BoundTask } from '../../jobs/task.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { Engine } from './engine.ts';
import { FACTOR_HORIZON_HOURS, FACTOR_SPACING_HOURS } from './factor-history.ts';
import type { Forecasting } from './start-forecasting.ts';
import { sweepMargins } from './sweep-margins.ts';
import { walkForecasts } from './walk-forecasts.ts';

export interface StartJobsOptions {
  readonly engine: Engine;
  readonly forecasts: Forecasting;
  readonly database: Database;
  readonly backend: QueueBackend;
  readonly logger: Logger;
  /** Wall time between runs. */
  readonly cadence: Partial<Cadence>;
  /** Market time between kept price snapshots, and between sweeps. */
  readonly snapshotIntervalMs: number;
  readonly sweepIntervalMs: number;
  /** Parts of a sweep that workers share; every process of a deployment uses the same number. */
  readonly sweepShards: number;
  readonly observe: ObserveRun;
  /** Tasks beside the standard ones, and who takes what the outbox relays. */
  readonly tenancy: {
    readonly tasks: readonly BoundTask[];
    readonly schedules: readonly Schedule[];
    dispatch(entry: OutboxEntry): Promise<void>;
  };
}

/** Registers the schedules and runs the workers of every standard task over a live engine. */
export function startJobs(options: StartJobsOptions): Promise<Workers> {
  const { engine, forecasts, database, backend, logger, cadence, snapshotIntervalMs, sweepIntervalMs } =
    options;
  const { tenancy } = options;
  const { book, clock } = engine;
  const tasks = standardTasks({
    priceSnapshot: {
      database,
      intervalMs: snapshotIntervalMs,
      prices: async (): Promise<readonly RobustPrice[]> => book.all(clock.nowMs()),
    },
    forecastRefresh: {
      ...forecasts.ports,
      newBars: (asset, fromMs, signal) => forecasts.history.newBars(asset, fromMs, signal),
    },
    factorReturns: {
      database,
      assets: [...engine.configuration.assetFeeds.keys()],
      horizonHours: FACTOR_HORIZON_HOURS,
      spacingHours: FACTOR_SPACING_HOURS,
      walk: (asset, bars, signal) =>
        walkForecasts(asset, bars, FACTOR_HORIZON_HOURS, FACTOR_SPACING_HOURS, signal),
    },
    marginSweepPlan: { backend, clock, intervalMs: sweepIntervalMs, shards: options.sweepShards },
    marginSweep: {
      database,
      compute: sweepMargins(engine),
      elsewhere: engine.onChainOnly,
    },
    modelReview: { database, clock, ...forecasts.review },
    outboxRelay: {
      database,
      dispatch: async (entry) => {
        report(logger, entry);
        await tenancy.dispatch(entry);
      },
    },
  });
  return startWorkers({
    backend,
    tasks: [...tasks, ...tenancy.tasks],
    schedules: [...standardSchedules(cadence), ...tenancy.schedules],
    logger,
    observe: options.observe,
  });
}

function report(logger: Logger, entry: OutboxEntry): void {
  const level = entry.topic === 'margin.status-changed' ? 'info' : 'debug';
  logger[level]({ topic: entry.topic, event: entry.payload }, 'event');
}
