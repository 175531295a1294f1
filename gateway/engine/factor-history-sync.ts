import { FACTOR_RETURNS_CHANNEL, type Listener, listen } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import { loadFactorReturns } from '../../db/queries/factor-returns.ts';
import type { FactorHistory } from '../../risk/market/factor-history.ts';
import { FACTOR_HORIZON_HOURS, type FactorReturn, factorHistory } from './factor-history.ts';

export interface FactorHistorySync {
  /** Joint returns over the horizon with volatilities at that quantile; null for a horizon without a series. */
  history(horizonHours: number, quantile: number): FactorHistory | null;
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps the series of factor returns of this process in step with the database. */
export function syncFactorHistory(options: {
  readonly database: Database;
  readonly logger: Logger;
}): FactorHistorySync {
  const { database, logger } = options;
  let series: readonly FactorReturn[] = [];
  /** By quantile: it is built once per load and asked for at every margin. */
  let built = new Map<number, FactorHistory | null>();
  const reload = async () => {
    series = await loadFactorReturns(database.orm, FACTOR_HORIZON_HOURS);
    built = new Map();
  };
  const quietly = () => {
    reload().catch((error) => logger.warn({ err: error }, 'factor returns could not be read'));
  };
  const listener: Listener = listen({
    url: database.url,
    channels: [FACTOR_RETURNS_CHANNEL],
    onMessage: quietly,
    onGap: quietly,
    logger,
  });
  return {
    history(horizonHours, quantile) {
      if (horizonHours !== FACTOR_HORIZON_HOURS) return null;
      const known = built.get(quantile);
      if (known !== undefined) return known;
      const made = factorHistory(series, quantile);
      built.set(quantile, made);
      return made;
    },
    reload,
    close: () => listener.close(),
  };
}
