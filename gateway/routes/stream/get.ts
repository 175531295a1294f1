import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { TooManyStreamsError } from '../../app/http-errors.ts';
import { namesInput } from '../../schemas/common.ts';
import { problems } from '../../schemas/problem.ts';
import { type EventsPort, STREAM_TOPICS, type StreamEvent } from '../../stream/event.ts';
import { eventStream } from '../../stream/sse.ts';

/** Per protocol, so that none takes the room of another. */
const MAX_STREAMS = 2000;
const MAX_BUFFERED_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;
/** How long a stream outlives its key at most. */
const KEY_CHECK_MS = 1_000;
const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};
const EVENT_ID = /^[\x21-\x7e]{1,64}$/;

const route = createRoute({
  method: 'get',
  path: '/v1/stream',
  operationId: 'openStream',
  tags: ['stream'],
  summary: 'Prices, forecasts and margin status changes as they happen (server-sent events)',
  description:
    'The data of `price` and `forecast` events is that of the resources of the same name; `margin` events say which ' +
    'account changed its status and to what, `alarm` events which guard began or ceased to bind against which feed or ' +
    'source, with value and limit. A client that comes back with `Last-Event-ID`, to ' +
    'whichever gateway, gets what it missed (prices and forecasts as the latest ones where the process does not remember them), or ' +
    'a `gap` event when that is no longer kept: it must then read the state anew. A client that does not read is ' +
    'sent `dropped` and cut off; `closing` comes before the server stops.',
  request: {
    query: z.strictObject({
      topics: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .openapi({
          description: `Of ${STREAM_TOPICS.join(', ')}, comma-separated; all when left out.`,
          example: 'price,margin',
        }),
      subjects: namesInput.optional().openapi({
        description: 'Feed ids, assets or account ids, comma-separated; all when left out.',
        example: 'BTC-USD,alice',
      }),
    }),
    headers: z.object({
      'last-event-id': z.string().optional().openapi({ description: 'Id of the last event seen.' }),
    }),
  },
  responses: {
    200: {
      description: 'Events until either side closes.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems(),
  },
});

export function openStream(app: GatewayApp, { shutdown }: RouteContext, events: EventsPort): void {
  const streams = new Map<string, number>();
  app.openapi(route, (c) => {
    const { topics, subjects } = c.req.valid('query');
    const afterId = c.req.valid('header')['last-event-id'] ?? null;
    if (afterId !== null && !EVENT_ID.test(afterId)) {
      throw new InvalidRequestError([{ field: 'Last-Event-ID', message: 'is not an id of this stream' }]);
    }
    const wants = filter(topics, subjects);
    // HEAD asks for the headers only; a stream that nobody reads would stay open.
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS);
    const protocol = c.get('protocol');
    const count = streams.get(protocol) ?? 0;
    if (count >= MAX_STREAMS) throw new TooManyStreamsError(MAX_STREAMS);
    streams.set(protocol, count + 1);
    // A stream outlives its request: it ends when its key does, or when the server stops.
    const end = new AbortController();
    const stillAllowed = c.get('stillAllowed');
    const watch = setInterval(() => stillAllowed() || end.abort(), KEY_CHECK_MS);
    const stop = () => end.abort();
    shutdown?.addEventListener('abort', stop);
    if (shutdown?.aborted) stop();
    const stream = eventStream({
      events,
      protocol,
      wants,
      afterId,
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      heartbeatMs: HEARTBEAT_MS,
      signal: end.signal,
      onClose: () => {
        clearInterval(watch);
        shutdown?.removeEventListener('abort', stop);
        streams.set(protocol, streams.get(protocol)! - 1);
      },
    });
    return c.body(stream as ReadableStream<Uint8Array<ArrayBuffer>>, 200, HEADERS);
  });
}

/** @throws InvalidRequestError */
function filter(
  topicText: string | undefined,
  subjectText: string | undefined,
): (event: StreamEvent) => boolean {
  const topics = topicText === undefined ? null : new Set(topicText.split(',').map((topic) => topic.trim()));
  const known: ReadonlySet<string> = new Set(STREAM_TOPICS);
  if (topics !== null && [...topics].some((topic) => !known.has(topic))) {
    throw new InvalidRequestError([
      { field: 'topics', message: `must be of ${STREAM_TOPICS.join(', ')}, comma-separated` },
    ]);
  }
  const subjects =
    subjectText === undefined ? null : new Set(subjectText.split(',').map((subject) => subject.trim()));
  return (event) =>
    (topics === null || topics.has(event.topic)) && (subjects === null || subjects.has(event.subject));
}
