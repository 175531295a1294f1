import type { EventsPort, StreamEvent } from './event.ts';

export interface SseOptions {
  readonly events: EventsPort;
  readonly protocol: string;
  readonly wants: (event: StreamEvent) => boolean;
  /** `Last-Event-ID` of a client that comes back; null for a new one. */
  readonly afterId: string | null;
  /** Unread bytes after which a client is dropped. */
  readonly maxBufferedBytes: number;
  readonly heartbeatMs: number;
  /** Ends the stream when the server stops. */
  readonly signal: AbortSignal | null;
  readonly onClose: () => void;
}

const encoder = new TextEncoder();
const RETRY = encoder.encode('retry: 2000\n\n');
const HEARTBEAT = encoder.encode(': alive\n\n');
/** Live events that may wait while a returning client is still sent what it missed. */
const MAX_WAITING = 10_000;

/** Frames of an event are made once, however many clients read it. */
const frames = new WeakMap<StreamEvent, Uint8Array>();
function frameOf(event: StreamEvent): Uint8Array {
  let frame = frames.get(event);
  if (frame === undefined) {
    frame = encoder.encode(`id: ${event.id}\nevent: ${event.topic}\ndata: ${event.data}\n\n`);
    frames.set(event, frame);
  }
  return frame;
}

const notice = (name: 'gap' | 'dropped' | 'closing', code: string, message: string) =>
  encoder.encode(`event: ${name}\ndata: ${JSON.stringify({ code, message })}\n\n`);

/** One client: first what it missed, at its own pace, then everything live, in order and each once. */
class Connection {
  readonly #options: SseOptions;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #stop: (() => void)[] = [];
  /** Live events that came while the missed ones are sent; null once live. */
  #waiting: StreamEvent[] | null = [];
  #drained: (() => void) | null = null;
  #open = true;

  constructor(options: SseOptions, controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#options = options;
    this.#controller = controller;
    const { signal, events, protocol } = options;
    const onAbort = () => this.#end(notice('closing', 'server-stops', 'come back with the last id'));
    const heartbeat = setInterval(() => this.#send(HEARTBEAT), options.heartbeatMs);
    heartbeat.unref();
    signal?.addEventListener('abort', onAbort);
    this.#stop.push(
      events.subscribe(protocol, (event) => this.#live(event)),
      () => clearInterval(heartbeat),
      () => signal?.removeEventListener('abort', onAbort),
    );
    this.#send(RETRY);
    if (signal?.aborted) onAbort();
    else if (options.afterId === null) this.#waiting = null;
    else void this.#catchUp(options.afterId);
  }

  /** The client read something. */
  pull(): void {
    this.#drained?.();
  }

  /** The client went away. */
  cancel(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const stop of this.#stop) stop();
    this.#drained?.();
    this.#options.onClose();
  }

  #live(event: StreamEvent): void {
    if (!this.#options.wants(event)) return;
    if (this.#waiting === null) this.#send(frameOf(event));
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(event);
    else this.#drop();
  }

  async #catchUp(afterId: string): Promise<void> {
    const { events, protocol, wants } = this.#options;
    const missed = await Promise.resolve(events.replay(protocol, afterId)).catch(() => null);
    if (missed === null) {
      this.#send(
        notice('gap', 'events-missed', 'events after the last id are not kept: read the state anew'),
      );
    }
    const sent = new Set<string>();
    for (const event of missed ?? []) {
      sent.add(event.id);
      if (wants(event)) await this.#sendWhenRead(frameOf(event));
    }
    while (this.#open && this.#waiting !== null) {
      const event = this.#waiting.shift();
      if (event === undefined) this.#waiting = null;
      else if (!sent.has(event.id)) await this.#sendWhenRead(frameOf(event));
    }
  }

  async #sendWhenRead(frame: Uint8Array): Promise<void> {
    while (this.#open && (this.#controller.desiredSize ?? 0) < frame.length) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    if (this.#open) this.#controller.enqueue(frame);
  }

  #send(frame: Uint8Array): void {
    if (!this.#open) return;
    if ((this.#controller.desiredSize ?? 0) < frame.length) this.#drop();
    else this.#controller.enqueue(frame);
  }

  #drop(): void {
    const limit = this.#options.maxBufferedBytes;
    this.#end(notice('dropped', 'slow-consumer', `more than ${limit} bytes or ${MAX_WAITING} events unread`));
  }

  #end(last: Uint8Array): void {
    if (!this.#open) return;
    this.#controller.enqueue(last);
    this.#controller.close();
    this.cancel();
  }
}

/**
 * Server-sent events (WHATWG HTML, 9.2) for one client. What it missed is sent first, or `gap` when that is no
 * longer kept. A client that does not read is told `dropped` and cut off; nobody waits for it.
 */
export function eventStream(options: SseOptions): ReadableStream<Uint8Array> {
  let connection: Connection | null = null;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        connection = new Connection(options, controller);
      },
      pull: () => connection?.pull(),
      cancel: () => connection?.cancel(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: options.maxBufferedBytes }),
  );
}
