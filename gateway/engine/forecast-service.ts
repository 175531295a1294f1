import type { Database } from '../../db/connection.ts';
import { candlePrint, readCandles, type SeriesPrint } from '../../db/queries/candles.ts';
import { readFunding } from '../../db/queries/funding.ts';
import { fundingCoin, otherCoin } from '../../models/features/asset-context.ts';
import type { VolatilityForecast } from '../../models/forecast.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import { LOADING_REASON } from './forecast-desk.ts';
import type { ForecastThread } from './forecast-thread.ts';

/** Hours read and sent in one go, so that no read holds up the event loop for long. */
const PAGE_HOURS = 2_160;

interface Sent {
  readonly lastMs: UnixMs;
  readonly print: SeriesPrint;
}

/**
 * Keeps a forecast thread in step with the candles and funding of the database, reading only what is new, and asks it
 * for forecasts. A changed past (a print of the rows sent tells) is sent again as a whole.
 */
export class ForecastService {
  readonly #database: Database;
  readonly #thread: ForecastThread;
  readonly #assets: readonly string[];
  readonly #sent = new Map<string, Sent>();
  readonly #paid = new Map<string, UnixMs>();
  #generation = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: { database: Database; thread: ForecastThread; assets: readonly string[] }) {
    this.#database = options.database;
    this.#thread = options.thread;
    this.#assets = options.assets;
  }

  /**
   * All horizons at the close of the asset's last stored bar; none while there is too little history. One request at a
   * time. @throws DatabaseUnavailableError, ForecastThreadEndedError
   */
  forecast(asset: string, signal: AbortSignal): Promise<readonly VolatilityForecast[]> {
    const next = this.#queue.then(async () => {
      signal.throwIfAborted();
      if (this.#generation !== this.#thread.generation) {
        this.#generation = this.#thread.generation;
        this.#sent.clear();
        this.#paid.clear();
      }
      for (const coin of new Set([otherCoin(asset), asset])) {
        if (this.#assets.includes(coin)) await this.#sendBars(coin, signal);
      }
      await this.#sendFunding(fundingCoin(asset));
      return this.#thread.forecast(asset);
    });
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** Whether a better forecast than the stored ones can be had now, for the same decision time. */
  improves(asset: string, stored: readonly unknown[]): boolean {
    const interim = (stored as readonly VolatilityForecast[]).some(({ fallbackReason }) =>
      fallbackReason?.startsWith(LOADING_REASON),
    );
    return interim && this.#thread.ready(asset);
  }

  async #sendBars(coin: string, signal: AbortSignal): Promise<void> {
    const { orm } = this.#database;
    let sent = this.#sent.get(coin);
    if (sent !== undefined) {
      const now = await candlePrint(orm, coin, { toMs: sent.lastMs + MS_PER_HOUR });
      if (now.rows !== sent.print.rows || now.sum !== sent.print.sum) sent = undefined;
    }
    let reset = sent === undefined;
    for (;;) {
      signal.throwIfAborted();
      const range = sent === undefined ? {} : { fromMs: sent.lastMs + MS_PER_HOUR };
      const bars = await readCandles(orm, coin, { ...range, limit: PAGE_HOURS });
      const last = bars.at(-1);
      if (last === undefined) break;
      this.#thread.sendBars({ key: coin, reset, rows: bars });
      reset = false;
      sent = {
        lastMs: last.tsMs,
        print: await candlePrint(orm, coin, { toMs: last.tsMs + MS_PER_HOUR }),
      };
      this.#sent.set(coin, sent);
      if (bars.length < PAGE_HOURS) break;
    }
  }

  async #sendFunding(coin: string): Promise<void> {
    const known = this.#paid.get(coin);
    const rows = await readFunding(this.#database.orm, coin, known === undefined ? {} : { afterMs: known });
    const last = rows.at(-1);
    if (last === undefined) return;
    this.#thread.sendFunding({ key: coin, reset: known === undefined, rows });
    this.#paid.set(coin, last.tsMs);
  }
}
