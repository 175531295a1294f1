import { setTimeout as delay } from 'node:timers/promises';
import { HistorySourceError } from './errors.ts';

export interface HttpOptions {
  /** Wall time between the starts of two requests to one source. */
  readonly spacingMs: number;
  /** Requests for one answer. Default 6. */
  readonly attempts?: number;
  /** First wait after a failure, doubled each time. Default 1 s. */
  readonly backoffMs?: number;
  /** Wall time for one answer. Default 20 s. */
  readonly timeoutMs?: number;
}

/** Longest wait that a server may ask for: some ban for days. */
const LONGEST_WAIT_MS = 120_000;

/** GETs JSON, spaced out, and again after 418, 429, 5xx or a broken connection, waiting as long as `Retry-After` asks. */
export class JsonClient {
  readonly #source: string;
  readonly #options: HttpOptions;
  #next = 0;

  constructor(source: string, options: HttpOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** @throws HistorySourceError for a refusal, or when the last attempt failed */
  async get(url: URL, signal: AbortSignal): Promise<unknown> {
    const { attempts = 6, backoffMs = 1_000, timeoutMs = 20_000 } = this.#options;
    let problem = '';
    for (let attempt = 0; attempt < attempts; attempt++) {
      await this.#turn(signal);
      let waitMs = backoffMs * 2 ** attempt;
      try {
        const response = await fetch(url, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        if (response.ok) return await response.json();
        problem = `answers ${response.status}`;
        await response.body?.cancel();
        const again = response.status === 418 || response.status === 429 || response.status >= 500;
        if (!again) break;
        const asked = Number(response.headers.get('retry-after')) * 1000;
        if (asked > LONGEST_WAIT_MS) {
          problem += `, not again before ${Math.ceil(asked / 1000)} s`;
          break;
        }
        if (asked > 0) waitMs = asked;
      } catch (error) {
        signal.throwIfAborted();
        problem = error instanceof Error ? error.message : String(error);
      }
      if (attempt + 1 < attempts) await delay(waitMs, undefined, { signal });
    }
    // The query is left out: a private endpoint may carry a key in it.
    throw new HistorySourceError(this.#source, `${url.origin}${url.pathname} ${problem}`);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#options.spacingMs;
    if (at > now) await delay(at - now, undefined, { signal });
  }
}
