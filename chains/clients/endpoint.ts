import { type Address, createClient, type Hex, hexToBigInt, hexToNumber, http, numberToHex } from 'viem';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import type { Head } from './head.ts';
import type { EndpointHealth } from './ports.ts';
import { classifyFailure } from './rpc-failure.ts';

export interface EndpointOptions {
  readonly chainId: number;
  readonly requestTimeoutMs: number;
  readonly backoff: BackoffOptions;
  /** Wall time in milliseconds; any origin. */
  readonly wallMs: () => number;
  /** Told of every request, without its URL. */
  readonly onRequest?: (asked: {
    readonly endpoint: string;
    readonly method: string;
    readonly milliseconds: number;
    readonly ok: boolean;
  }) => void;
}

/** The endpoint could not be used; it now backs off or is refused for good. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

export type CallOutcome =
  | { readonly ok: true; readonly data: Hex }
  | { readonly ok: false; readonly data: Hex; readonly message: string };

/** One RPC URL with what is known of its health. viem's own retries are off: another endpoint is the retry. */
export class Endpoint {
  readonly label: string;
  readonly #options: EndpointOptions;
  readonly #request: (method: string, params: readonly unknown[]) => Promise<unknown>;
  #chainIdChecked = false;
  #refusal: string | null = null;
  #failures = 0;
  #retryAtMs = 0;
  #reason: string | null = null;
  #tried = false;
  /** A node may tell its head and fail every call: only a round that was read ends the back-off of its calls. */
  #readFailed = false;
  #head: Head | null = null;
  #headSeenMs = 0;

  constructor(url: string, position: number, options: EndpointOptions) {
    this.label = `endpoint ${position} (${new URL(url).host})`;
    this.#options = options;
    const client = createClient({
      transport: http(url, { retryCount: 0, timeout: options.requestTimeoutMs }),
    });
    const { onRequest, wallMs } = options;
    this.#request = async (method, params) => {
      const started = wallMs();
      let ok = false;
      try {
        const answer = await client.request({ method, params } as never);
        ok = true;
        return answer;
      } finally {
        onRequest?.({ endpoint: this.label, method, milliseconds: Math.round(wallMs() - started), ok });
      }
    };
  }

  /** Why the endpoint is not to be asked now, or null. */
  unavailable(): string | null {
    if (this.#refusal !== null) return this.#refusal;
    const waitMs = this.#retryAtMs - this.#options.wallMs();
    return waitMs > 0 ? `${this.#reason ?? 'failed'}; next try in ${Math.ceil(waitMs)} ms` : null;
  }

  /** The latest block. Checks the chain id first, and again after a failure: another node may answer by then. */
  async latestHead(): Promise<Head> {
    this.#tried = true;
    return this.#guard(async () => {
      const [chainId, block] = await Promise.all([
        this.#chainIdChecked ? null : this.#request('eth_chainId', []),
        this.#request('eth_getBlockByNumber', ['latest', false]),
      ]);
      if (!this.#chainIdChecked) this.#checkChainId(chainId);
      const head = parseHead(block);
      if (head === null) throw new EndpointError('answered without a latest block');
      if (!this.#readFailed) this.#failures = 0;
      this.#reason = null;
      this.#head = head;
      this.#headSeenMs = this.#options.wallMs();
      return head;
    });
  }

  /** Hash of a block, or null when the endpoint does not know it. */
  blockHash(blockNumber: bigint): Promise<Hex | null> {
    return this.#guardRead(async () => {
      const block = await this.#request('eth_getBlockByNumber', [numberToHex(blockNumber), false]);
      return parseHead(block)?.hash ?? null;
    });
  }

  /** Runs a call at a block. A revert is an outcome; anything else that goes wrong is the endpoint's failure. */
  call(to: Address, data: Hex, blockNumber: bigint): Promise<CallOutcome> {
    return this.#guardRead(async (): Promise<CallOutcome> => {
      try {
        const result = await this.#request('eth_call', [{ to, data }, numberToHex(blockNumber)]);
        return { ok: true, data: result as Hex };
      } catch (error) {
        const failure = classifyFailure(error);
        if (failure.kind === 'endpoint') throw error;
        return { ok: false, data: failure.data, message: failure.message };
      }
    });
  }

  /** The last head seen, if it was seen at most `maxAgeMs` of wall time ago. */
  recentHead(maxAgeMs: number): Head | null {
    if (this.#refusal !== null || this.#options.wallMs() - this.#headSeenMs > maxAgeMs) return null;
    return this.#head;
  }

  /** Notes why the last head was not taken, for `health`; the endpoint stays in use. */
  noteHead(reason: string | null): void {
    this.#reason = reason;
  }

  /** A whole round was read. */
  succeeded(): void {
    this.#readFailed = false;
    this.#failures = 0;
  }

  #fail(reason: string): void {
    this.#chainIdChecked = false;
    this.#reason = reason;
    const nowMs = this.#options.wallMs();
    // Requests that were under way together fail together: they count once.
    if (nowMs < this.#retryAtMs) return;
    this.#failures += 1;
    this.#retryAtMs = nowMs + backoffMs(this.#failures, this.#options.backoff);
  }

  health(): EndpointHealth {
    const retryInMs = Math.max(0, Math.ceil(this.#retryAtMs - this.#options.wallMs()));
    const failing = this.#failures > 0;
    return {
      endpoint: this.label,
      state:
        this.#refusal !== null ? 'refused' : failing ? 'backing-off' : this.#tried ? 'serving' : 'untried',
      reason: this.#refusal ?? this.#reason,
      consecutiveFailures: this.#failures,
      retryInMs,
      headNumber: this.#head?.number ?? null,
      headTimeMs: this.#head?.timeMs ?? null,
    };
  }

  #checkChainId(answer: unknown): void {
    if (!isHex(answer)) throw new EndpointError('answered without a chain id');
    const chainId = hexToNumber(answer);
    if (chainId !== this.#options.chainId) {
      this.#refusal = `serves chain id ${chainId}, not ${this.#options.chainId}; refused for good`;
      throw new EndpointError(this.#refusal);
    }
    this.#chainIdChecked = true;
  }

  async #guardRead<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#guard(work);
    } catch (error) {
      this.#readFailed = true;
      throw error;
    }
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (this.#refusal !== null) throw new EndpointError(this.#refusal);
      const reason = error instanceof EndpointError ? error.message : failureText(error);
      this.#fail(reason);
      throw new EndpointError(reason);
    }
  }
}

function failureText(error: unknown): string {
  const failure = classifyFailure(error);
  return failure.kind === 'endpoint' ? failure.reason : failure.message;
}

interface RpcBlock {
  readonly number?: unknown;
  readonly hash?: unknown;
  readonly timestamp?: unknown;
}

function parseHead(block: unknown): Head | null {
  const { number, hash, timestamp } = (block ?? {}) as RpcBlock;
  if (!isHex(number) || !isHex(hash) || !isHex(timestamp)) return null;
  return { number: hexToBigInt(number), hash, timeMs: hexToNumber(timestamp) * 1000 };
}

function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-fA-F]+$/.test(value);
}
