import { HermesClient } from '@pythnetwork/hermes-client';
import { backoffMs, pause } from '../../backoff.ts';
import type { OracleLogger } from '../../logger.ts';
import type { VerifiedPrice } from '../../pyth/verify.ts';
import type { RetryAfterWatch } from './retry-after.ts';
import { runStream, type StreamEnd } from './stream.ts';
import type { GateRefusal, HermesMessage } from './update-gate.ts';
import type { UpdateVerifier } from './verifier/verify-thread.ts';

/** Wall-time settings; the defaults suit a stream that speaks about every second. */
export interface HermesTiming {
  /** Without a verified update for this long the stream is taken for dead, whatever TCP says. */
  readonly watchdogMs: number;
  readonly requestTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** First wait after 429 or 403: asking on extends a ban. */
  readonly bannedBackoffMs: number;
}

export const DEFAULT_HERMES_TIMING: HermesTiming = {
  watchdogMs: 15_000,
  requestTimeoutMs: 5_000,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  bannedBackoffMs: 10_000,
};

export type ConnectionState = 'connecting' | 'streaming' | 'waiting' | 'stopped';

export interface ConnectionHealth {
  readonly state: ConnectionState;
  /** Streams opened so far. */
  readonly connections: number;
  readonly failuresInRow: number;
  readonly lastError: string | null;
  /** Wall time of the last verified update; null before the first. */
  readonly lastVerifiedAtMs: number | null;
}

export interface ConnectionOptions {
  readonly url: string;
  /** Null where the endpoint asks for none. Goes into the header and nowhere else. */
  readonly apiKey: string | null;
  readonly ids: readonly string[];
  readonly verifier: Pick<UpdateVerifier, 'verify'>;
  readonly retryAfter: Pick<RetryAfterWatch, 'leftMs'>;
  readonly timing: HermesTiming;
  readonly logger: OracleLogger;
  readonly onPrices: (prices: readonly VerifiedPrice[]) => void;
  /** Once per binary update; `refusal` is the error type, null when it was verified. */
  readonly onUpdate: (refusal: string | null) => void;
}

export interface HermesConnection {
  health(): ConnectionHealth;
  stop(): Promise<void>;
}

const statusOf = (message: string): number | null => {
  const match = /status: (\d{3})/.exec(message);
  return match === null ? null : Number(match[1]);
};

/** Keeps one stream of verified prices alive until it is stopped. Never throws; what went wrong is in `health()`. */
export function startHermesConnection(options: ConnectionOptions): HermesConnection {
  const { ids, apiKey, timing, logger } = options;
  // One attempt per call: the client would repeat a 404 or 429 three times, and multiply every timeout by four.
  const client = new HermesClient(options.url, {
    timeout: timing.requestTimeoutMs,
    httpRetries: 0,
    ...(apiKey === null ? {} : { accessToken: apiKey }),
  });
  const stopping = new AbortController();
  let state: ConnectionState = 'connecting';
  let connections = 0;
  let failures = 0;
  let lastError: string | null = null;
  let lastVerifiedAtMs: number | null = null;
  const redact = (text: string) => (apiKey ? text.replaceAll(apiKey, '***') : text).slice(0, 300);

  function refuse({ type, details }: GateRefusal): void {
    options.onUpdate(type);
    logger.warn({ type, details }, 'refused a Pyth update');
  }

  /** Takes over what was verified, as soon as it is. @returns whether anything new was. */
  async function accept(message: HermesMessage): Promise<boolean> {
    const outcomes = await options.verifier.verify(message);
    if (outcomes === null || stopping.signal.aborted) return false;
    let verified = false;
    for (const outcome of outcomes) {
      if (!outcome.ok) {
        refuse(outcome.refusal);
        continue;
      }
      verified = true;
      options.onUpdate(null);
      options.onPrices(outcome.prices);
    }
    if (verified) lastVerifiedAtMs = Date.now();
    return verified;
  }

  async function catchUp(signal: AbortSignal): Promise<void> {
    const query = { encoding: 'base64', parsed: false, ignoreInvalidPriceIds: true } as const;
    const { binary } = await client.getLatestPriceUpdates([...ids], query, { signal });
    await accept(binary);
  }

  /** One stream with its watchdog and the catch-up that closes the gap before it. */
  async function session(): Promise<StreamEnd> {
    const ending = new AbortController();
    const signal = AbortSignal.any([stopping.signal, ending.signal]);
    let timer: NodeJS.Timeout | undefined;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(
        () => ending.abort(`no verified update for ${timing.watchdogMs} ms`),
        timing.watchdogMs,
      );
    };
    alive();
    try {
      return await runStream(client, ids, {
        signal,
        opened: () => {
          connections += 1;
          state = 'streaming';
          catchUp(signal).catch((error: unknown) => {
            if (!signal.aborted) lastError = redact(`catch-up: ${messageOf(error)}`);
          });
        },
        message: (text) => {
          accept(text).then(
            (verified) => {
              if (!verified || signal.aborted) return;
              // Only the stream itself ends the back-off: with requests alone the pace must stay polite.
              failures = 0;
              alive();
            },
            (error: unknown) =>
              logger.warn({ error: messageOf(error) }, 'a verified update was not taken over'),
          );
        },
      });
    } finally {
      clearTimeout(timer);
      ending.abort();
    }
  }

  /** Waits while any answer of the server, whichever request it was to, asks not to be asked. */
  async function untilWelcome(): Promise<void> {
    for (let leftMs = options.retryAfter.leftMs(); leftMs > 0; leftMs = options.retryAfter.leftMs()) {
      if (stopping.signal.aborted) return;
      await pause(leftMs, stopping.signal);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      state = 'connecting';
      let end: StreamEnd;
      try {
        end = await session();
      } catch (error) {
        end = { reason: messageOf(error), status: statusOf(messageOf(error)) };
      }
      if (stopping.signal.aborted) break;
      lastError = redact(end.reason);
      const banned = end.status === 429 || end.status === 403;
      const ownMs = backoffMs(failures, {
        minMs: banned ? timing.bannedBackoffMs : timing.backoffMinMs,
        maxMs: Math.max(timing.backoffMaxMs, banned ? timing.bannedBackoffMs : 0),
        random: Math.random,
      });
      const waitMs = Math.max(ownMs, options.retryAfter.leftMs());
      failures += 1;
      logger.warn(
        { reason: lastError, status: end.status, waitMs: Math.round(waitMs) },
        'Hermes stream ended',
      );
      state = 'waiting';
      await pause(waitMs, stopping.signal);
      await untilWelcome();
      // Where streams fail but requests work, prices still arrive at the pace of the attempts.
      if (!stopping.signal.aborted && !banned) {
        await catchUp(stopping.signal).catch((error: unknown) => {
          lastError = redact(`${lastError}; catch-up: ${messageOf(error)}`);
        });
        // The catch-up may be what is refused: no stream is asked for on top of it.
        await untilWelcome();
      }
    }
    state = 'stopped';
  }

  const running = run();
  return {
    health: () => ({ state, connections, failuresInRow: failures, lastError, lastVerifiedAtMs }),
    async stop() {
      stopping.abort('stopped');
      await running;
    },
  };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
