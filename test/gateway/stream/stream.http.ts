import { afterEach, describe, expect, test } from 'vitest';
import { serve } from '../../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import type { EventsPort } from '../../../gateway/stream/event.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { asker } from '../support/contract.ts';
import { EventReader } from '../support/event-reader.ts';
import { createWorld, type WorldOptions } from '../support/gateway.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const hubOf = () => new EventHub({ window: 100, nowMs: () => 1000 });
const worldOf = (events: EventsPort, options: WorldOptions = {}) =>
  createWorld({ ...options, override: (ports) => ({ ...ports, events }) });

function reader(body: ReadableStream<Uint8Array>): EventReader {
  const events = new EventReader(body);
  open.push(() => events.close());
  return events;
}

async function listen(world: ReturnType<typeof worldOf>, query = '', headers: Record<string, string> = {}) {
  const response = await world.app.request(`/v1/stream${query}`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toBe('no-store');
  return reader(response.body!);
}

const price = (hub: EventHub, subject: string, data: unknown) =>
  hub.publish({ topic: 'price', subject, protocol: null, data });

describe('GET /v1/stream', () => {
  test('sends events as they happen, with ids', async () => {
    const hub = hubOf();
    const client = await listen(worldOf(hub));
    price(hub, 'BTC-USD', { price: '60000' });
    hub.publish({ topic: 'forecast', subject: 'BTC', protocol: null, data: { asset: 'BTC' } });
    expect(await client.next(2)).toEqual([
      { id: '1000-0', event: 'price', data: '{"price":"60000"}' },
      { id: '1000-1', event: 'forecast', data: '{"asset":"BTC"}' },
    ]);
  });

  test('topics and subjects choose', async () => {
    const hub = hubOf();
    const client = await listen(worldOf(hub), '?topics=price,margin&subjects=ETH-USD,alice');
    price(hub, 'BTC-USD', 1);
    hub.publish({ topic: 'forecast', subject: 'ETH-USD', protocol: null, data: 2 });
    hub.publish({ topic: 'margin', subject: 'alice', protocol: 'local', data: 3 });
    price(hub, 'ETH-USD', 4);
    expect((await client.next(2)).map((event) => event.data)).toEqual(['3', '4']);
  });

  test('a client that comes back gets what it missed and then goes on, each event once', async () => {
    const hub = hubOf();
    const world = worldOf(hub);
    const seen = price(hub, 'BTC-USD', 1).id;
    price(hub, 'BTC-USD', 2);
    price(hub, 'BTC-USD', 3);
    const client = await listen(world, '', { 'Last-Event-ID': seen });
    price(hub, 'BTC-USD', 4);
    expect((await client.next(3)).map((event) => event.data)).toEqual(['2', '3', '4']);
  });

  test('events that come while the missed ones are looked up wait, and none is sent twice', async () => {
    const hub = hubOf();
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: EventsPort = {
      subscribe: (protocol, listener) => hub.subscribe(protocol, listener),
      replay: async (protocol, afterId) => {
        await gate;
        return hub.replay(protocol, afterId);
      },
    };
    const seen = price(hub, 'BTC-USD', 1).id;
    const client = await listen(worldOf(slow), '', { 'Last-Event-ID': seen });
    price(hub, 'BTC-USD', 2);
    release();
    await gate;
    price(hub, 'BTC-USD', 3);
    expect((await client.next(2)).map((event) => event.data)).toEqual(['2', '3']);
    price(hub, 'BTC-USD', 4);
    expect((await client.next(1)).map((event) => event.data)).toEqual(['4']);
  });

  test('what is no longer kept is a gap, said first', async () => {
    const hub = hubOf();
    const client = await listen(worldOf(hub), '', { 'Last-Event-ID': '1-0' });
    price(hub, 'BTC-USD', 1);
    const [gap, live] = await client.next(2);
    expect(gap).toMatchObject({ event: 'gap' });
    expect(JSON.parse(gap?.data ?? '')).toMatchObject({ code: 'events-missed' });
    expect(live).toMatchObject({ event: 'price', data: '1' });
  });

  test("no protocol sees another's events, live or missed", async () => {
    const hub = hubOf();
    const { keys } = parseApiKeys(`alpha:${hashKey('a')},beta:${hashKey('b')}`);
    const world = worldOf(hub, { apiKeys: keys });
    const seen = price(hub, 'BTC-USD', 0).id;
    hub.publish({ topic: 'margin', subject: 'x', protocol: 'beta', data: 'secret' });
    const client = await listen(world, '', { Authorization: 'Bearer a', 'Last-Event-ID': seen });
    hub.publish({ topic: 'margin', subject: 'x', protocol: 'beta', data: 'secret' });
    hub.publish({ topic: 'margin', subject: 'x', protocol: 'alpha', data: 'own' });
    expect((await client.next(1)).map((event) => event.data)).toEqual(['"own"']);
  });

  test.each([
    ['?topics=prices', {}, 'topics'],
    ['?topic=price', {}, 'topic'],
    ['', { 'Last-Event-ID': 'has space' }, 'Last-Event-ID'],
  ])('refuses %s %j', async (query, headers, field) => {
    const { json } = await asker(worldOf(hubOf()))(`/v1/stream${query}`, {
      headers: headers as Record<string, string>,
    });
    expect(json).toMatchObject({ status: 400, errors: [{ field }] });
  });

  test('HEAD opens nothing', async () => {
    const hub = hubOf();
    let listeners = 0;
    const counted: EventsPort = {
      replay: () => [],
      subscribe: (protocol, listener) => {
        listeners += 1;
        return hub.subscribe(protocol, listener);
      },
    };
    const response = await worldOf(counted).app.request('/v1/stream', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(listeners).toBe(0);
  });

  test('one protocol may not open streams without end, and does not take the room of another', async () => {
    const { keys } = parseApiKeys(`alpha:${hashKey('a')},beta:${hashKey('b')}`);
    const world = worldOf(hubOf(), { apiKeys: keys });
    const bodies: ReadableStream<Uint8Array>[] = [];
    open.push(() => Promise.all(bodies.map((body) => body.cancel())));
    const ask = (key: string) =>
      world.app.request('/v1/stream', { headers: { Authorization: `Bearer ${key}` } });
    for (let n = 0; n < 2000; n += 1) bodies.push((await ask('a')).body!);
    const refused = await ask('a');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      type: '/errors/too-many-streams',
      details: { limit: 2000 },
    });
    const other = await ask('b');
    expect(other.status).toBe(200);
    bodies.push(other.body!);
    await bodies.shift()!.cancel();
    const again = await ask('a');
    expect(again.status).toBe(200);
    bodies.push(again.body!);
  });

  test('without events there is no such resource', async () => {
    expect((await createWorld().app.request('/v1/stream')).status).toBe(404);
  });
});

describe('over HTTP', () => {
  test('a stop tells the clients and does not wait for them', async () => {
    const hub = hubOf();
    const stop = new AbortController();
    const world = worldOf(hub, { shutdown: stop.signal });
    const server = await serve(world.app, { host: '127.0.0.1', port: 0 });
    open.push(() => server.close());
    const response = await fetch(`${server.url}/v1/stream`);
    const client = reader(response.body!);
    price(hub, 'BTC-USD', 1);
    expect(await client.next(1)).toMatchObject([{ event: 'price' }]);
    stop.abort();
    expect(await client.next(2)).toMatchObject([{ event: 'closing' }]);
    await server.close();
  });

  test('a client that goes away is forgotten', async () => {
    const hub = hubOf();
    let listeners = 0;
    const counted: EventsPort = {
      replay: () => [],
      subscribe: (protocol, listener) => {
        listeners += 1;
        const stop = hub.subscribe(protocol, listener);
        return () => {
          listeners -= 1;
          stop();
        };
      },
    };
    const server = await serve(worldOf(counted).app, { host: '127.0.0.1', port: 0, drainMs: 100 });
    open.push(() => server.close());
    const away = new AbortController();
    await fetch(`${server.url}/v1/stream`, { signal: away.signal });
    expect(listeners).toBe(1);
    away.abort();
    await expect.poll(() => listeners).toBe(0);
  });
});
