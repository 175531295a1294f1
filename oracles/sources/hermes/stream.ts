import type { HermesClient } from '@pythnetwork/hermes-client';

/** Why a stream ended; `status` when the server refused it with one. */
export interface StreamEnd {
  readonly reason: string;
  readonly status: number | null;
}

export interface StreamHandlers {
  readonly opened: () => void;
  readonly message: (text: string) => void;
  /** Ends the stream when it aborts. */
  readonly signal: AbortSignal;
}

/**
 * Runs one SSE stream until it ends in any way, and never reconnects by itself: the client's own reconnect stays
 * closed for ever after a 429, and a stream that the server cuts (after 24 hours) comes back without a catch-up.
 */
export async function runStream(
  client: HermesClient,
  ids: readonly string[],
  { opened, message, signal }: StreamHandlers,
): Promise<StreamEnd> {
  const source = await client.getPriceUpdatesStream([...ids], {
    encoding: 'base64',
    parsed: false,
    ignoreInvalidPriceIds: true,
  });
  return await new Promise<StreamEnd>((resolve) => {
    const end = (reason: string, status: number | null) => {
      signal.removeEventListener('abort', aborted);
      source.close();
      resolve({ reason, status });
    };
    const aborted = () => end(String(signal.reason ?? 'stopped'), null);
    source.addEventListener('open', opened);
    source.addEventListener('message', (event) => {
      if (!signal.aborted) message(String(event.data));
    });
    source.addEventListener('error', (event) => {
      // A server event named `error` arrives here as a message with data and never reaches `onerror`.
      const { data, message: text, code } = event as { data?: unknown; message?: string; code?: number };
      if (data !== undefined) end(`the server reports: ${String(data).slice(0, 200)}`, null);
      else end(text ?? 'the stream was cut', code ?? null);
    });
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
  });
}
