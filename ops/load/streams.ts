import { get, type IncomingMessage } from 'node:http';

/** A client of GET /v1/stream that reads as fast as events come. */
export interface Stream {
  readonly events: number;
  /** Why it ended before it was closed; null while it is open. */
  readonly broken: string | null;
  close(): void;
}

export function openStream(url: string, key: string): Stream {
  let events = 0;
  let broken: string | null = null;
  let closed = false;
  const end = (why: string) => {
    if (!closed) broken ??= why;
  };
  const outgoing = get(
    `${url}/v1/stream`,
    { agent: false, headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' } },
    (answer: IncomingMessage) => {
      if (answer.statusCode !== 200) end(`status ${answer.statusCode}`);
      answer.setEncoding('utf8');
      // `id:` once per event; a line may be cut between two chunks.
      let rest = '';
      answer.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line.startsWith('event:')) events += 1;
      });
      answer.on('end', () => end('the server ended it'));
      answer.on('error', (error) => end(error.message));
    },
  );
  outgoing.on('error', (error) => end(error.message));
  return {
    get events() {
      return events;
    },
    get broken() {
      return broken;
    },
    close() {
      closed = true;
      outgoing.destroy();
    },
  };
}
