import { Worker } from 'node:worker_threads';
import type { FundingPayment } from '../../models/data/funding-file.ts';
import type { HourlyBar, VolatilityForecast } from '../../models/forecast.ts';
import type { LoadModelsOptions } from '../../models/serving/load-models.ts';
import type { ShadowReview } from '../../models/serving/promotion.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import type { SeriesUpdate, ServingModels } from './forecast-desk.ts';
import type { ForecastMessage, ForecastReply } from './forecast-worker.ts';

const BOOT = new URL('./forecast-boot.mjs', import.meta.url);

/** The thread that makes forecasts has ended; the next request starts another. */
export class ForecastThreadEndedError extends BreakwaterError {
  override readonly name = 'ForecastThreadEndedError';
  constructor(message: string, cause?: unknown) {
    super(message, { type: 'forecast-thread-ended', kind: 'unavailable', retryable: true, cause });
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * A ForecastDesk in a thread of its own, so that seconds of model state never hold up an answer. Starts with the first
 * message and anew after it has died: `generation` then rises, and the histories must be sent again. It does not keep
 * the process alive.
 */
export class ForecastThread {
  readonly #pending = new Map<number, Pending>();
  readonly #ready = new Set<string>();
  readonly #options: LoadModelsOptions;
  readonly #boot: URL;
  readonly #onLoaded: (models: ServingModels) => void;
  #worker: Worker | null = null;
  #generation = 0;
  #nextId = 1;
  #promoted: string | null = null;
  #closed = false;

  /** `onLoaded` hears which models serve, once they are loaded. `boot` is the module that the thread runs. */
  constructor(
    options: LoadModelsOptions,
    onLoaded: (models: ServingModels) => void = () => {},
    boot: URL = BOOT,
  ) {
    this.#options = options;
    this.#onLoaded = onLoaded;
    this.#boot = boot;
  }

  /** Rises whenever a new thread without any history stands behind this. */
  get generation(): number {
    if (this.#worker === null) this.#start();
    return this.#generation;
  }

  /** Whether the asset's forecasts are by the best models from now on. */
  ready(asset: string): boolean {
    return this.#ready.has(asset);
  }

  sendBars(update: SeriesUpdate<HourlyBar>): void {
    this.#send({ kind: 'bars', update });
  }

  sendFunding(update: SeriesUpdate<FundingPayment>): void {
    this.#send({ kind: 'funding', update });
  }

  /** @throws ForecastThreadEndedError, and what the models throw */
  forecast(asset: string): Promise<readonly VolatilityForecast[]> {
    return this.#ask((id) => ({ kind: 'forecast', id, asset }));
  }

  /** What the shadow of the candidate shows; null without one. @throws ForecastThreadEndedError */
  review(): Promise<ShadowReview | null> {
    return this.#ask((id) => ({ kind: 'review', id }));
  }

  /** Lets the candidate of this version serve, in this thread and any that follows it. */
  promote(candidate: string): void {
    this.#promoted = candidate;
    this.#send({ kind: 'promote', candidate });
  }

  /** Ends the thread; what was not answered is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#fail(new ForecastThreadEndedError('the service is stopping'));
    await worker?.terminate();
  }

  #ask<Result>(message: (id: number) => ForecastMessage): Promise<Result> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      try {
        this.#send(message(id));
      } catch (error) {
        this.#pending.delete(id);
        throw error;
      }
    });
  }

  #send(message: ForecastMessage): void {
    if (this.#closed) throw new ForecastThreadEndedError('the service is stopping');
    (this.#worker ?? this.#start()).postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(this.#boot, { execArgv: [], workerData: this.#options });
    this.#worker = worker;
    this.#generation += 1;
    this.#ready.clear();
    worker.unref();
    if (this.#promoted !== null) worker.postMessage({ kind: 'promote', candidate: this.#promoted });
    worker.on('message', (reply: ForecastReply) => this.#hear(reply));
    worker.on('error', (error) => this.#died(worker, error));
    worker.on('exit', () => this.#died(worker));
    return worker;
  }

  #hear(reply: ForecastReply): void {
    if (reply.kind === 'loaded') {
      this.#onLoaded(reply.models);
    } else if (reply.kind === 'ready') {
      this.#ready.add(reply.asset);
    } else {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if (reply.kind === 'answer') pending?.resolve(reply.result);
      else pending?.reject(reply.error);
    }
  }

  #died(worker: Worker, cause?: unknown): void {
    if (this.#worker === worker) {
      this.#fail(new ForecastThreadEndedError('the thread that makes forecasts ended', cause));
    }
  }

  #fail(error: unknown): void {
    this.#worker = null;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const one of pending) one.reject(error);
  }
}
