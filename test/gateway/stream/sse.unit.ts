import { describe, expect, test } from 'vitest';
import type { EventsPort, StreamEvent } from '../../../gateway/stream/event.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { eventStream } from '../../../gateway/stream/sse.ts';
import { EventReader } from '../support/event-reader.ts';

describe('eventStream', () => {
  const event = (n: number): StreamEvent => ({
    id: String(n),
    topic: 'price',
    subject: 's',
    protocol: null,
    data: 'x'.repeat(100),
  });
  const base = { protocol: 'p', wants: () => true, heartbeatMs: 60_000, signal: null, onClose: () => {} };

  test('a client that does not read is told so and cut off; others go on', async () => {
    const hub = new EventHub({ window: 100, nowMs: () => 1000 });
    let closed = 0;
    const options = {
      ...base,
      events: hub,
      afterId: null,
      maxBufferedBytes: 1000,
      onClose: () => (closed += 1),
    };
    const slow = new EventReader(eventStream(options));
    const fast = new EventReader(eventStream(options));
    for (let n = 0; n < 30; n += 1) {
      hub.publish({ topic: 'price', subject: 's', protocol: null, data: 'x'.repeat(100) });
      await fast.next(1);
    }
    expect(closed).toBe(1);
    const received = await slow.next(100);
    expect(received.length).toBeLessThan(10);
    expect(received.at(-1)).toMatchObject({ event: 'dropped' });
    expect(JSON.parse(received.at(-1)?.data ?? '')).toMatchObject({ code: 'slow-consumer' });
  });

  test('what a client missed may be larger than its buffer: it is sent as fast as it is read', async () => {
    const missed = Array.from({ length: 200 }, (_, n) => event(n));
    const events: EventsPort = { replay: () => missed, subscribe: () => () => {} };
    const client = new EventReader(eventStream({ ...base, events, afterId: 'x', maxBufferedBytes: 1000 }));
    expect((await client.next(200)).map((e) => e.id)).toEqual(missed.map((e) => e.id));
  });
});
