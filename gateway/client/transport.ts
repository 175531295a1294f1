import type { ProblemDetails } from './types.ts';

/** The gateway refused a request; `problem` says why, `problem.errors` which fields. */
export class GatewayProblemError extends Error {
  override readonly name = 'GatewayProblemError';
  readonly problem: ProblemDetails;
  constructor(problem: ProblemDetails) {
    super(`${problem.status} ${problem.title}: ${problem.detail} (request ${problem.requestId})`);
    this.problem = problem;
  }
}

/** Something that is not the gateway answered, or the gateway answered with something that is not JSON. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
  readonly status: number;
  constructor(status: number, type: string | null) {
    super(`unexpected answer: status ${status}, ${type ?? 'no type'}`);
    this.status = status;
  }
}

/** Nobody answered in time: the gateway is to be taken for away. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

export interface ClientOptions {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** API key; none for a gateway without keys on this machine. */
  readonly apiKey?: string;
  /** Tries per call while the gateway is away or asks to wait (429, 503, no connection). Default 3. */
  readonly attempts?: number;
  /** Longest wait for one answer, its body included; of a stream or a table until it begins. Default 30 s; so long per try. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export interface Call {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a good answer holds, or what went wrong and how long the gateway asks to wait. */
type Outcome<T> =
  | { readonly good: true; readonly value: T }
  | { readonly good: false; readonly error: unknown; readonly waitMs: number | null };
type Read<T> = (response: Response) => T | Promise<T>;

const failedWith = (error: unknown) => ({ good: false, error, waitMs: null }) as const;

const TIMEOUT_MS = 30_000;
const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 250;

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** One call of the interface. Every operation may be repeated without a second effect, so failed ones are. */
export class Transport {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** @throws GatewayProblemError, UnexpectedAnswerError, NoAnswerError, and what `fetch` throws when nobody is there. */
  async json<T>(path: string, call: Call = {}): Promise<T> {
    return this.#answer(path, call, (response) => response.json() as Promise<T>);
  }

  /** A table as CSV, to be read as it comes; one that breaks off makes the reader throw. */
  async csv(path: string, query: NonNullable<Call['query']> = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#answer(path, { query: { ...query, format: 'csv' } }, (response) => response.body!);
  }

  pause(milliseconds: number): Promise<void> {
    return (this.#options.sleep ?? pause)(milliseconds);
  }

  /** The answer as it is, once it is a good one. */
  open(path: string, call: Call = {}): Promise<Response> {
    return this.#answer(path, call, (response) => response);
  }

  async #answer<T>(path: string, call: Call, read: Read<T>): Promise<T> {
    const { attempts = 3 } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#inTime(path, call, read).catch(failedWith);
      if (outcome.good) return outcome.value;
      const final = attempt >= attempts || call.signal?.aborted === true;
      if (final || outcome.error instanceof UnexpectedAnswerError) throw outcome.error;
      if (outcome.error instanceof GatewayProblemError && outcome.waitMs === null) throw outcome.error;
      await this.pause(Math.min(LONGEST_WAIT_MS, outcome.waitMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1)));
    }
  }

  async #inTime<T>(path: string, call: Call, read: Read<T>): Promise<Outcome<T>> {
    const { timeoutMs = TIMEOUT_MS } = this.#options;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    const signal = call.signal === undefined ? limit.signal : AbortSignal.any([call.signal, limit.signal]);
    try {
      return await this.#once(path, { ...call, signal }, read);
    } catch (error) {
      throw limit.signal.aborted && call.signal?.aborted !== true ? new NoAnswerError(timeoutMs) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #once<T>(path: string, call: Call, read: Read<T>): Promise<Outcome<T>> {
    const { baseUrl, apiKey, fetch: send = fetch } = this.#options;
    const url = new URL(path, baseUrl);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const response = await send(url, {
      method: call.method ?? 'GET',
      headers: {
        ...(apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` }),
        ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    const type = response.headers.get('content-type');
    if (response.ok && /^(application\/json|text\/event-stream|text\/csv)/.test(type ?? '')) {
      return { good: true, value: await read(response) };
    }
    if (!type?.startsWith('application/problem+json')) {
      await response.body?.cancel();
      throw new UnexpectedAnswerError(response.status, type);
    }
    const error = new GatewayProblemError((await response.json()) as ProblemDetails);
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    const mayRetry = response.status === 429 || response.status === 503;
    return {
      good: false,
      error,
      waitMs: mayRetry && Number.isFinite(retryAfter) ? retryAfter * 1000 : null,
    };
  }
}
