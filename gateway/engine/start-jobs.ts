import type { Logger } from 'pino';
import type { Database } from '../../db/connection.ts';
import type { OutboxEntry } from '../../db/queries/outbox.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { startWorkers, type Workers } from '../../jobs/runtime.ts';
import { type Cadence, standardSchedules, standardTasks } from '../../jobs/standard.ts';
import { InsufficientHistoryError } from '../../models/serving/errors.ts';
import { createLogHarModel } from '../../models/serving/log-har-model.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { BufferSchedule } from '../../risk/buffer/schedule.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { portfolioOf } from './accounts.ts';
import { nextSchedule, scheduleKey } from './buffer-schedules.ts';
import type { Engine } from './engine.ts';

/** Parts of a sweep that workers share; every process of a deployment uses the same number. */
const SWEEP_SHARDS = 4;
/** The forecaster keeps its state between bars only while the history it is given grows at its end. */
const WHOLE_HISTORY_MS = 30 * 365 * 24 * MS_PER_HOUR;

export interface StartJobsOptions {
  readonly engine: Engine;
  readonly database: Database;
  readonly backend: QueueBackend;
  readonly logger: Logger;
  /** Wall time between runs. */
  readonly cadence: Partial<Cadence>;
  /** Market time between kept price snapshots, and between sweeps. */
  readonly snapshotIntervalMs: number;
  readonly sweepIntervalMs: number;
}

/** Registers the schedules and runs the workers of every standard task over a live engine. */
export function startJobs(options: StartJobsOptions): Promise<Workers> {
  const { engine, database, backend, logger, cadence, snapshotIntervalMs, sweepIntervalMs } = options;
  const { book, clock, candles, configuration, margin } = engine;
  const model = createLogHarModel();
  const tasks = standardTasks({
    priceSnapshot: {
      database,
      intervalMs: snapshotIntervalMs,
      prices: async (): Promise<readonly RobustPrice[]> => book.all(clock.nowMs()),
    },
    forecastRefresh: {
      database,
      assets: [...configuration.assetFeeds.keys()],
      historyMs: WHOLE_HISTORY_MS,
      newBars: async (asset, fromMs) => candles.newBars(asset, fromMs),
      forecast: (asset, bars) => {
        try {
          return model.forecast(asset, bars);
        } catch (error) {
          if (!(error instanceof InsufficientHistoryError)) throw error;
          // Not a failure: the answers say `forecast-missing` and carry the cap until there is history.
          logger.debug({ asset, bars: bars.length }, error.message);
          return [];
        }
      },
      scheduleKeys: (asset) => {
        const key = scheduleKey(configuration, asset);
        return key === null ? [] : [key];
      },
      advanceSchedule: (previous, forecast) =>
        nextSchedule(configuration, previous as BufferSchedule | null, forecast),
    },
    marginSweepPlan: { backend, clock, intervalMs: sweepIntervalMs, shards: SWEEP_SHARDS },
    marginSweep: {
      database,
      compute: async (accounts) =>
        accounts.map((account) => {
          const { basis, result } = margin.evaluate(account.protocol, portfolioOf(account));
          const { protocol, sequence } = account;
          return { protocol, account: account.account, sequence, asOfMs: basis.asOfMs, result };
        }),
    },
    outboxRelay: { database, dispatch: async (entry) => report(logger, entry) },
  });
  return startWorkers({ backend, tasks, schedules: standardSchedules(cadence), logger });
}

/** The log is the only subscriber of the outbox so far. */
function report(logger: Logger, entry: OutboxEntry): void {
  const level = entry.topic === 'margin.status-changed' ? 'info' : 'debug';
  logger[level]({ topic: entry.topic, event: entry.payload }, 'event');
}
