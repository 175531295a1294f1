import type { Logger } from 'pino';
import type { Database } from '../../db/connection.ts';
import type { ForecastRefreshPorts } from '../../jobs/tasks/forecast-refresh.ts';
import type { ModelReviewPorts } from '../../jobs/tasks/model-review.ts';
import { fundingCoin } from '../../models/features/asset-context.ts';
import type { LoadModelsOptions } from '../../models/serving/load-models.ts';
import type { BufferSchedule } from '../../risk/buffer/schedule.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { NetworkConfig } from '../config/network.ts';
import type { Cleanup } from '../runtime/cleanup.ts';
import { nextSchedule, scheduleKey } from './buffer-schedules.ts';
import type { CandleFeed } from './candle-feed.ts';
import { ForecastService } from './forecast-service.ts';
import { ForecastThread } from './forecast-thread.ts';
import { HistoryFeed } from './history-feed.ts';
import type { RiskConfiguration } from './risk-configuration.ts';

/** What the forecast jobs of a process need. */
export interface Forecasting {
  readonly ports: Omit<ForecastRefreshPorts, 'newBars'>;
  readonly history: HistoryFeed;
  readonly review: Pick<ModelReviewPorts, 'review' | 'promote'>;
}

/**
 * Forecasts of a process: a thread that serves the models, fed from the database. The thread starts with the first
 * forecast; what was started is on the cleanup.
 */
export function startForecasting(options: {
  readonly database: Database;
  readonly network: Pick<NetworkConfig, 'candleSources' | 'fundingSources'>;
  readonly clock: Clock;
  readonly candles: CandleFeed;
  readonly configuration: RiskConfiguration;
  readonly models: LoadModelsOptions;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}): Forecasting {
  const { database, network, clock, candles, configuration, models, logger, cleanup } = options;
  const history = new HistoryFeed({ database, network, clock, candles, logger });
  const assets = [...configuration.assetFeeds.keys()];
  const thread = new ForecastThread(models, ({ name, network, reason, candidate }) => {
    const served = { model: name, ...network, candidate };
    if (reason === null) logger.info(served, 'forecast models are loaded');
    else logger.warn({ ...served, reason }, 'not every forecast model was loaded');
  });
  cleanup.add('forecast models', () => thread.close());
  const service = new ForecastService({ database, thread, assets });
  return {
    history,
    review: {
      review: () => thread.review(),
      promote: (candidate) => thread.promote(candidate),
    },
    ports: {
      database,
      clock,
      assets,
      forecast: async (asset, signal) => {
        await history.refreshFunding(fundingCoin(asset), signal);
        return service.forecast(asset, signal);
      },
      improves: (asset, stored) => service.improves(asset, stored),
      scheduleKeys: (asset) => {
        const key = scheduleKey(configuration, asset);
        return key === null ? [] : [key];
      },
      advanceSchedule: (previous, forecast) =>
        nextSchedule(configuration, previous as BufferSchedule | null, forecast),
    },
  };
}
