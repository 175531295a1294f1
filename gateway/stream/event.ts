export const STREAM_TOPICS = ['price', 'forecast', 'margin', 'alarm'] as const;
export type StreamTopic = (typeof STREAM_TOPICS)[number];

/** One event as it stands in the log; `data` is JSON made once for all who listen. */
export interface StreamEvent {
  /** Opaque; a client gives back the last one it saw to go on after it. */
  readonly id: string;
  readonly topic: StreamTopic;
  /** Feed id, asset or account id. */
  readonly subject: string;
  /** Protocol that may see it; null for everyone. */
  readonly protocol: string | null;
  readonly data: string;
}

export type NewEvent = Omit<StreamEvent, 'id' | 'data'> & { readonly data: unknown };

/** Where the stream takes its events from. */
export interface EventsPort {
  /** Events after `afterId` that the protocol may see, oldest first; null when they are no longer all kept. */
  replay(
    protocol: string,
    afterId: string,
  ): readonly StreamEvent[] | null | Promise<readonly StreamEvent[] | null>;
  /** Calls the listener with every event from now on that the protocol may see. */
  subscribe(protocol: string, listener: (event: StreamEvent) => void): () => void;
}
