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

export interface ClientOptions {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** API key; none for a gateway without keys on this machine. */
  readonly apiKey?: string;
  /** Tries per call while the gateway is away or asks to wait (429, 503, no connection). Default 3. */
  readonly attempts?: number;
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

/** A good answer, or what went wrong and how long the gateway asks to wait. */
type Outcome =
  | { readonly response: Response; readonly error: null; readonly waitMs: null }
  | { readonly response: null; readonly error: unknown; readonly waitMs: number | null };

const failedWith = (error: unknown): Outcome => ({ response: null, error, waitMs: null });

const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 250;

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** One call of the interface. Every operation may be repeated without a second effect, so failed ones are. */
export class Transport {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** @throws GatewayProblemError, UnexpectedAnswerError, and what `fetch` throws when nobody answers. */
  async json<T>(path: string, call: Call = {}): Promise<T> {
    const response = await this.open(path, call);
    return (await response.json()) as T;
  }

  /** A table as CSV, to be read as it comes; one that breaks off makes the reader throw. */
  async csv(path: string, query: NonNullable<Call['query']> = {}): Promise<ReadableStream<Uint8Array>> {
    const response = await this.open(path, { query: { ...query, format: 'csv' } });
    return response.body!;
  }

  pause(milliseconds: number): Promise<void> {
    return (this.#options.sleep ?? pause)(milliseconds);
  }

  /** The answer as it is, once it is a good one. */
  async open(path: string, call: Call = {}): Promise<Response> {
    const { attempts = 3 } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#once(path, call).catch(failedWith);
      if (outcome.response !== null) return outcome.response;
      const final = attempt >= attempts || call.signal?.aborted === true;
      if (final || outcome.error instanceof UnexpectedAnswerError) throw outcome.error;
      if (outcome.error instanceof GatewayProblemError && outcome.waitMs === null) throw outcome.error;
      await this.pause(Math.min(LONGEST_WAIT_MS, outcome.waitMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1)));
    }
  }

  async #once(path: string, call: Call): Promise<Outcome> {
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
      return { response, error: null, waitMs: null };
    }
    if (!type?.startsWith('application/problem+json')) {
      await response.body?.cancel();
      throw new UnexpectedAnswerError(response.status, type);
    }
    const error = new GatewayProblemError((await response.json()) as ProblemDetails);
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    const mayRetry = response.status === 429 || response.status === 503;
    return {
      response: null,
      error,
      waitMs: mayRetry && Number.isFinite(retryAfter) ? retryAfter * 1000 : null,
    };
  }
}
