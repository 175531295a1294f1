import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Channel of Node's fetch (undici, "Diagnostics Channel Support"): one message per answer whose head has arrived. */
const ANSWERS = 'undici:request:headers';
/** A server that asks for more is asked again after this. */
const MAX_WAIT_MS = 3_600_000;

interface Answer {
  readonly request: { readonly origin?: string | URL };
  readonly response: { readonly statusCode: number; readonly headers: readonly (Buffer | string)[] };
}

/** Milliseconds that a `Retry-After` asks for (RFC 9110: seconds, or a date); null when it is neither. */
export function retryAfterMs(text: string, wallMs: number): number | null {
  if (/^\d{1,9}$/.test(text)) return Math.min(MAX_WAIT_MS, Number(text) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.min(MAX_WAIT_MS, Math.max(0, date - wallMs));
}

/**
 * Until when a server does not want to be asked. hermes-client tells the status of an answer and not its headers, so
 * that they are read where Node's fetch reports them. The server bans the client, so one watch serves all connections.
 */
export class RetryAfterWatch {
  readonly #origin: string;
  #untilMs = 0;

  constructor(url: string) {
    this.#origin = new URL(url).origin;
    subscribe(ANSWERS, this.#heard);
  }

  readonly #heard = (message: unknown): void => {
    const { request, response } = message as Answer;
    if (response.statusCode < 400 || String(request.origin) !== this.#origin) return;
    const at = response.headers.findIndex(
      (name, index) => index % 2 === 0 && String(name).toLowerCase() === 'retry-after',
    );
    const wallMs = Date.now();
    const waitMs = at < 0 ? null : retryAfterMs(String(response.headers[at + 1]).trim(), wallMs);
    if (waitMs !== null) this.#untilMs = wallMs + waitMs;
  };

  /** Wall time left to wait; 0 when the server may be asked. */
  leftMs(): number {
    return Math.max(0, this.#untilMs - Date.now());
  }

  stop(): void {
    unsubscribe(ANSWERS, this.#heard);
  }
}
