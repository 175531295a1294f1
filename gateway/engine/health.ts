import { sql } from 'drizzle-orm';
import type { Database } from '../../db/connection.ts';
import type { PriceBook } from '../../oracles/book/price-book.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { HealthCheck, HealthPort } from '../app/ports.ts';
import type { ForecastStore } from './forecast-store.ts';
import type { RiskConfiguration } from './risk-configuration.ts';

/**
 * Ready means: the store answers, and at least one price may be used for margin. Forecasts are told but do not
 * decide: without one the buffer is at its cap, which is an answer.
 */
export function readiness(options: {
  readonly database: Database;
  readonly book: PriceBook;
  readonly store: ForecastStore;
  readonly configuration: RiskConfiguration;
  readonly clock: Clock;
}): HealthPort {
  const { database, book, store, configuration, clock } = options;
  return {
    async ready(): Promise<readonly HealthCheck[]> {
      const stored = await database.orm.execute(sql`select 1`).then(
        () => true,
        () => false,
      );
      const prices = book.all(clock.nowMs());
      const usable = prices.filter(({ verdicts }) => verdicts.margin.usable).length;
      const assets = [...configuration.assetFeeds.keys()];
      const forecast = assets.filter((asset) => store.forecasts(asset).length > 0).length;
      return [
        { name: 'database', ok: stored, detail: stored ? 'answers' : 'does not answer' },
        { name: 'prices', ok: usable > 0, detail: `${usable} of ${prices.length} feeds usable for margin` },
        { name: 'forecasts', ok: true, detail: `${forecast} of ${assets.length} assets have a forecast` },
      ];
    },
  };
}
