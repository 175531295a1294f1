import type { EventsPort, NewEvent, StreamEvent } from './event.ts';

export interface EventHubOptions {
  /** Events kept for clients that come back. */
  readonly window: number;
  /** Wall milliseconds; part of the ids, so that those of an earlier process are not taken for ours. */
  readonly nowMs: () => number;
}

/**
 * Events of this process in memory: a window of past ones, and who listens. Ids count per protocol within a
 * millisecond, so that gaps in them do not tell one protocol how busy another is.
 */
export class EventHub implements EventsPort {
  readonly #options: EventHubOptions;
  readonly #kept: StreamEvent[] = [];
  readonly #listeners = new Map<string, Set<(event: StreamEvent) => void>>();
  readonly #counts = new Map<string, { ms: number; n: number }>();

  constructor(options: EventHubOptions) {
    this.#options = options;
  }

  publish({ topic, subject, protocol, data }: NewEvent): StreamEvent {
    const event = { id: this.#nextId(protocol), topic, subject, protocol, data: JSON.stringify(data) };
    this.#kept.push(event);
    // Cut in blocks: shifting one by one would move the whole window with every event.
    if (this.#kept.length >= this.#options.window * 2) this.#kept.splice(0, this.#options.window);
    if (protocol !== null) this.#tell(protocol, event);
    else for (const each of this.#listeners.keys()) this.#tell(each, event);
    return event;
  }

  replay(protocol: string, afterId: string): readonly StreamEvent[] | null {
    const visible = (event: StreamEvent) => event.protocol === null || event.protocol === protocol;
    const at = this.#kept.findLastIndex((event) => event.id === afterId && visible(event));
    return at < 0 ? null : this.#kept.slice(at + 1).filter(visible);
  }

  subscribe(protocol: string, listener: (event: StreamEvent) => void): () => void {
    const listeners = this.#listeners.get(protocol) ?? new Set();
    this.#listeners.set(protocol, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(protocol);
    };
  }

  /** How many listen for a protocol now. */
  listenerCount(protocol: string): number {
    return this.#listeners.get(protocol)?.size ?? 0;
  }

  #tell(protocol: string, event: StreamEvent): void {
    for (const listener of this.#listeners.get(protocol) ?? []) listener(event);
  }

  #nextId(protocol: string | null): string {
    const scope = protocol === null ? 'e' : `a:${protocol}`;
    const last = this.#counts.get(scope);
    // Never backwards, whatever the wall clock does.
    const ms = Math.max(this.#options.nowMs(), last?.ms ?? 0);
    const n = last?.ms === ms ? last.n + 1 : 0;
    this.#counts.set(scope, { ms, n });
    return `${ms}-${n}${protocol === null ? '' : 'a'}`;
  }
}
