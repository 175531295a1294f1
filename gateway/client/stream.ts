import { GatewayProblemError, type Transport } from './transport.ts';
import type { StreamMessage } from './types.ts';

export interface StreamOptions {
  readonly topics?: readonly ('price' | 'forecast' | 'margin' | 'alarm')[];
  /** Feed ids, assets or account ids. */
  readonly subjects?: readonly string[];
  /** Go on after this event; else from now. */
  readonly lastEventId?: string;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/** Wait before a stream that ended is opened again. */
const AGAIN_MS = 250;
/** Wait before the next try while nobody answers. */
const RECONNECT_MS = 2000;

interface Frame {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/**
 * Messages as they come; the connection is made anew, after the last event seen, whenever it ends. Ends only
 * with the signal.
 * @throws GatewayProblemError when the gateway refuses; while it is away it is asked again.
 */
export async function* streamMessages(
  transport: Transport,
  options: StreamOptions = {},
): AsyncGenerator<StreamMessage, void> {
  const { topics, subjects, signal } = options;
  let lastId = options.lastEventId ?? null;
  while (!signal?.aborted) {
    const response = await transport
      .open('/v1/stream', {
        query: { topics: topics?.join(','), subjects: subjects?.join(',') },
        headers: lastId === null ? {} : { 'Last-Event-ID': lastId },
        ...(signal === undefined ? {} : { signal }),
      })
      .catch((error: unknown) => {
        const refused = error instanceof GatewayProblemError && error.problem.status < 500;
        if (refused && !signal?.aborted) throw error;
        return null;
      });
    if (response === null) {
      if (!signal?.aborted) await transport.pause(RECONNECT_MS);
      continue;
    }
    try {
      for await (const { id, event, data } of frames(response.body!)) {
        if (event === 'dropped' || event === 'closing') break;
        if (id !== null) lastId = id;
        yield { topic: event, id, data: JSON.parse(data) } as StreamMessage;
      }
    } catch (error) {
      // A connection that breaks is like one that ends; a mistake of the reader is not.
      if (!(error instanceof TypeError) && (error as Error).name !== 'AbortError') throw error;
    }
    if (!signal?.aborted) await transport.pause(AGAIN_MS);
  }
}

/** Parses server-sent events (WHATWG HTML, 9.2.6) as far as the gateway uses them. */
async function* frames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const frame = parseFrame(text.slice(0, end));
      text = text.slice(end + 2);
      if (frame !== null) yield frame;
    }
  }
}

/** null for comments and for frames without data. */
function parseFrame(text: string): Frame | null {
  let id: string | null = null;
  let event = 'message';
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^([a-z]+): ?(.*)$/s.exec(line) ?? [];
    if (name === 'id') id = value;
    else if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
  }
  return data.length === 0 ? null : { id, event, data: data.join('\n') };
}
