import type { Logger } from 'pino';
import type { Database } from '../../db/connection.ts';
import { lastFunding } from '../../db/queries/funding.ts';
import { backfillFunding } from '../../jobs/backfill/backfill.ts';
import { binanceCandles, binanceFunding } from '../../models/data/sources/binance.ts';
import { coinbaseCandles } from '../../models/data/sources/coinbase.ts';
import type { CandleSource, FundingSource } from '../../models/data/sources/history-source.ts';
import { pythBenchmarksCandles } from '../../models/data/sources/pyth-benchmarks.ts';
import type { HourlyBar } from '../../models/forecast.ts';
import { type Clock, MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import type { NetworkConfig } from '../config/network.ts';
import type { CandleFeed } from './candle-feed.ts';

/** What a first start without any history asks for: enough for every model. */
export const FIRST_HISTORY_MS = 420 * 24 * MS_PER_HOUR;
/** Payments come every 8 hours, sometimes every 4 or every one. */
const FUNDING_AGE_MS = MS_PER_HOUR;

export type CandleSourceConfig = NetworkConfig['candleSources'][string];

const CANDLE_SOURCES: Record<CandleSourceConfig['source'], (url?: string) => CandleSource> = {
  binance: (url) => binanceCandles(url),
  coinbase: (url) => coinbaseCandles(url),
  'pyth-benchmarks': (url) => pythBenchmarksCandles(url),
};

export function openCandleSource({ source, url }: CandleSourceConfig): CandleSource {
  return CANDLE_SOURCES[source](url);
}

export function openFundingSource({ url }: NetworkConfig['fundingSources'][string]): FundingSource {
  return binanceFunding(url);
}

/**
 * New bars of an asset: from the source that the network file names, and where that has none or does not answer, those built from
 * the robust prices. Funding likewise, where a source is named.
 */
export class HistoryFeed {
  readonly #options: {
    readonly database: Database;
    readonly network: Pick<NetworkConfig, 'candleSources' | 'fundingSources'>;
    readonly clock: Clock;
    readonly candles: Pick<CandleFeed, 'newBars'>;
    readonly logger: Logger;
  };
  readonly #sources: ReadonlyMap<string, { readonly source: CandleSource; readonly symbol: string }>;
  readonly #funding: ReadonlyMap<string, { readonly source: FundingSource; readonly symbol: string }>;
  /** Market time of the last look for payments, by coin. */
  readonly #looked = new Map<string, UnixMs>();

  constructor(options: {
    readonly database: Database;
    readonly network: Pick<NetworkConfig, 'candleSources' | 'fundingSources'>;
    readonly clock: Clock;
    readonly candles: Pick<CandleFeed, 'newBars'>;
    readonly logger: Logger;
  }) {
    this.#options = options;
    const { candleSources, fundingSources } = options.network;
    this.#sources = new Map(
      Object.entries(candleSources).map(([asset, config]) => [
        asset,
        { source: openCandleSource(config), symbol: config.symbol },
      ]),
    );
    this.#funding = new Map(
      Object.entries(fundingSources).map(([coin, config]) => [
        coin,
        { source: openFundingSource(config), symbol: config.symbol },
      ]),
    );
  }

  /** Complete bars that open at or after `fromMs` (null: as much as there is), ascending. */
  async newBars(asset: string, fromMs: UnixMs | null, signal: AbortSignal): Promise<readonly HourlyBar[]> {
    const own = this.#options.candles.newBars(asset, fromMs);
    const entry = this.#sources.get(asset);
    if (entry === undefined) return own;
    const toMs = Math.floor(this.#options.clock.nowMs() / MS_PER_HOUR) * MS_PER_HOUR;
    const first = own[0];
    const begin = fromMs ?? (first === undefined ? toMs - FIRST_HISTORY_MS : own.at(-1)!.tsMs + MS_PER_HOUR);
    const merged = new Map(own.map((bar) => [bar.tsMs, bar]));
    const step = entry.source.hoursPerRequest * MS_PER_HOUR;
    try {
      for (let at = begin; at < toMs; at += step) {
        const end = Math.min(toMs, at + step);
        const { bars } = await entry.source.candles(entry.symbol, at, end, signal);
        for (const bar of bars) merged.set(bar.tsMs, bar);
      }
    } catch (error) {
      signal.throwIfAborted();
      this.#options.logger.warn({ err: error, asset }, 'candles come from the robust prices meanwhile');
    }
    return [...merged.values()].sort((a, b) => a.tsMs - b.tsMs);
  }

  /** Stores payments that are new; a source that does not answer leaves the series as it is. */
  async refreshFunding(coin: string, signal: AbortSignal): Promise<void> {
    const entry = this.#funding.get(coin);
    const nowMs = this.#options.clock.nowMs();
    if (entry === undefined || nowMs - (this.#looked.get(coin) ?? 0) < FUNDING_AGE_MS) return;
    const { database, logger } = this.#options;
    try {
      const known = await lastFunding(database.orm, coin);
      if (known === null || nowMs - known.tsMs >= FUNDING_AGE_MS) {
        const fromMs = nowMs - FIRST_HISTORY_MS;
        await backfillFunding({ database, coin, ...entry, fromMs, toMs: nowMs, signal });
      }
      this.#looked.set(coin, nowMs);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error, coin }, 'funding payments could not be read');
    }
  }
}
