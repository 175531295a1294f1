import type { FundingPayment } from '../../models/data/funding-file.ts';
import type { HourlyBar, VolatilityForecast } from '../../models/forecast.ts';
import { InsufficientHistoryError } from '../../models/serving/errors.ts';
import { defaultModels } from '../../models/serving/forecaster.ts';
import { type LoadedModels, type LoadModelsOptions, loadModels } from '../../models/serving/load-models.ts';
import { createMarketModel, type MarketModel } from '../../models/serving/market-model.ts';
import type { ShadowReview } from '../../models/serving/promotion.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';

/** Rows that the network predicts before the present: the year behind its calibration, and some days. */
const PREDICTED_MS = 400 * 24 * MS_PER_HOUR;

/** `fallbackReason` of forecasts made while better models are being prepared. */
export const LOADING_REASON = 'network: is being loaded';

/** Rows of one series that a desk does not have yet; `reset` drops what it has first. */
export interface SeriesUpdate<Row> {
  readonly key: string;
  readonly reset: boolean;
  readonly rows: readonly Row[];
}

/** What a desk tells of the models it serves by, once they are loaded. */
export type ServingModels = Pick<LoadedModels, 'name' | 'network' | 'reason' | 'candidate'>;

/**
 * Makes the forecasts of one process from histories it is fed. It answers at once by logHAR while better models are
 * being loaded and their walk-forward state is built, asset by asset, in `prepare`: that takes seconds.
 */
export class ForecastDesk {
  readonly #bars = new Map<string, HourlyBar[]>();
  readonly #funding = new Map<string, FundingPayment[]>();
  readonly #interim = createMarketModel(
    () => defaultModels(),
    [{ model: 'network', code: 'loading', message: LOADING_REASON.slice('network: '.length) }],
  );
  readonly #options: LoadModelsOptions;
  readonly #waiting = new Set<string>();
  readonly #ready = new Set<string>();
  #market: MarketModel | null = null;
  #loaded: LoadedModels | null = null;
  #promoted: string | null = null;

  constructor(options: LoadModelsOptions) {
    this.#options = options;
  }

  takeBars({ key, reset, rows }: SeriesUpdate<HourlyBar>): void {
    append(this.#bars, key, reset, rows);
  }

  takeFunding({ key, reset, rows }: SeriesUpdate<FundingPayment>): void {
    append(this.#funding, key, reset, rows);
  }

  /** Forecasts at the close of the asset's last bar; none while there is too little history. */
  forecast(asset: string): readonly VolatilityForecast[] {
    if (!this.#ready.has(asset)) this.#waiting.add(asset);
    const model = this.#market !== null && this.#ready.has(asset) ? this.#market : this.#interim;
    try {
      return model.forecast(asset, { bars: this.#bars, funding: this.#funding });
    } catch (error) {
      if (error instanceof InsufficientHistoryError) return [];
      throw error;
    }
  }

  /** Loads the models; the states of assets are built by `prepare`. */
  async load(): Promise<ServingModels> {
    const lastMs = Math.max(0, ...[...this.#bars.values()].map((bars) => bars.at(-1)?.tsMs ?? 0));
    const loaded = await loadModels({ fromMs: lastMs - PREDICTED_MS, ...this.#options });
    this.#market = createMarketModel(loaded.models, loaded.absent);
    this.#loaded = loaded;
    if (this.#promoted === loaded.candidate) loaded.promote();
    const { name, network, reason, candidate } = loaded;
    return { name, network, reason, candidate };
  }

  /** What the shadow of the candidate shows; null without one, or before the models are loaded. */
  review(): ShadowReview | null {
    const candidate = this.#loaded?.candidate ?? null;
    const serving = this.#loaded?.network?.version ?? null;
    if (candidate === null || serving === null || candidate === this.#promoted) return null;
    return { candidate, serving, comparisons: this.#market?.shadow() ?? [] };
  }

  /** Lets the candidate of this version serve, now or when it is loaded. */
  promote(candidate: string): void {
    this.#promoted = candidate;
    if (this.#loaded?.candidate === candidate) this.#loaded.promote();
  }

  get loaded(): boolean {
    return this.#market !== null;
  }

  /** Whether any asset waits for `prepare`. */
  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Builds the state of one waiting asset (seconds). @returns its name; null when none waits. */
  prepare(): string | null {
    const asset = this.#waiting.values().next().value;
    if (asset === undefined || this.#market === null) return null;
    this.#waiting.delete(asset);
    this.#ready.add(asset);
    this.forecast(asset);
    return asset;
  }
}

function append<Row>(held: Map<string, Row[]>, key: string, reset: boolean, rows: readonly Row[]): void {
  const list = held.get(key);
  if (list === undefined || reset) held.set(key, [...rows]);
  else for (const row of rows) list.push(row);
}
