import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { BreakwaterClient } from '../../../gateway/client/client.ts';
import {
  type ClientOptions,
  GatewayProblemError,
  NoAnswerError,
  UnexpectedAnswerError,
} from '../../../gateway/client/transport.ts';
import type { Book } from '../../../gateway/client/types.ts';
import { inMemoryRateLimiter } from '../../../gateway/limits/rate-limiter.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { until } from '../../helpers/until.ts';
import { contractOf } from '../support/contract.ts';
import { CONSUMER, createWorld, type WorldOptions } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';

const open: Pick<RunningServer, 'close'>[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function setUp(options: WorldOptions = {}, client: Partial<ClientOptions> = {}) {
  const world = createWorld(options);
  const server = await serve(world.app, { host: '127.0.0.1', port: 0, drainMs: 200 });
  open.push(server);
  return { world, server, client: new BreakwaterClient({ baseUrl: server.url, attempts: 1, ...client }) };
}

const BOOK: Book = {
  cash: '1000',
  positions: [
    { kind: 'perp', id: 'p1', market: 'BTC-PERP', size: '1', entryPrice: '58000', chain: 'hub' },
    { kind: 'collateral', id: 'c1', asset: 'ETH', amount: '10' },
  ],
};

describe('BreakwaterClient against the running server', () => {
  test('reaches every operation under /v1', async () => {
    const asked = new Set<string>();
    const recording: typeof fetch = (url, init) => {
      const path = new URL(String(url)).pathname.replace(
        /\/(alice|BTC-USD|BTC-PERP|BTC|ETH|standard|1\.0\.0)(?=\/|$)/g,
        '/*',
      );
      asked.add(`${init?.method ?? 'GET'} ${path}`);
      return fetch(url, init);
    };
    const { client, world } = await setUp({}, { fetch: recording });
    expect(await client.putPositions('alice', { sequence: 1, ...BOOK }, 'key-1')).toMatchObject({
      replayed: false,
    });
    expect(await client.putPositions('alice', { sequence: 1, ...BOOK }, 'key-1')).toMatchObject({
      replayed: true,
    });
    expect((await client.positions('alice')).positions.map((position) => position.id)).toEqual(['p1', 'c1']);
    expect((await client.prices(['BTC-USD', 'ETH-USD'])).prices.map((price) => price.price)).toEqual([
      '60000',
      '3000',
    ]);
    await expect(client.priceHistory('BTC-USD', { step: 60 })).rejects.toMatchObject({
      problem: { type: '/errors/no-stored-price' },
    });
    const lines = await new Response(await client.exportMargin('alice')).text();
    expect(lines.split('\r\n')[0]).toContain('accountId,asOf,validUntil,stale,status,positionId');
    expect(await new Response(await client.exportAccounts({ sort: 'health' })).text()).toContain(
      '\r\nalice,1,',
    );
    expect((await client.price('BTC-USD')).verdicts.margin.usable).toBe(true);
    expect((await client.evidence('BTC-USD')).votes.length).toBe(3);
    expect((await client.forecasts(24)).forecasts.map(({ asset }) => asset)).toEqual(['BTC', 'ETH']);
    expect((await client.forecast('BTC', ['1h', '24h'])).horizons.map((h) => h.horizonHours)).toEqual([
      1, 24,
    ]);
    const margin = await client.margin('alice');
    expect([margin.equity, margin.status, margin.stale]).toEqual(['33000', 'healthy', false]);
    expect((await client.simulate(BOOK)).equity).toBe('33000');
    const what = await client.whatIf('alice', { simulations: [{ label: 'close', remove: ['p1'] }] });
    expect(what.simulations[0]?.margin.equity).toBe('31000');
    // Nothing is kept without a database: the account is not known in the past.
    await expect(client.marginDifference('alice', { from: '0', to: '1' })).rejects.toMatchObject({
      problem: { status: 404, type: '/errors/unknown-account' },
    });
    expect((await client.predictedMargin('alice', 4, 0.99)).horizonHours).toBe(4);
    const capacity = await client.capacity('alice', { market: 'BTC-PERP', side: 'buy' });
    expect(capacity.orders.map(({ market, side }) => `${market} ${side}`)).toEqual(['BTC-PERP buy']);
    expect((await client.liquidationPrice('alice')).breached).toBe(false);
    expect((await client.liquidationPlan('alice', { target: '5' })).plan?.closes).toEqual([]);
    expect((await client.stress('alice')).worst.byNetMaintenance).toBe('correlated-crash-50');
    const id = (await client.modules()).modules.find((module) => module.id === 'standard');
    expect((await client.module(id!.id, id!.version)).title).toBe(id!.title);
    const batch = await client.putPositionsBatch({ updates: [{ accountId: 'bob', sequence: 1, ...BOOK }] });
    expect(batch.results[0]?.stored?.positionCount).toBe(2);
    const names: string[] = [];
    for await (const account of client.accounts(1, { sort: 'health' })) names.push(account.accountId);
    expect(names).toEqual(['alice', 'bob']);
    expect((await client.markets()).options.map(({ market }) => market)).toEqual([
      'BTC-OPTIONS',
      'ETH-OPTIONS',
    ]);
    const consumer = { chain: 'hub', consumer: CONSUMER };
    expect((await client.attestMargin('alice', consumer)).values.equity).toBe('33000');
    expect((await client.attestPrice('BTC-USD', consumer)).values.price).toBe('60000');
    expect((await client.attestWithdrawal('alice', 'ETH', consumer)).values.asset).toBe('ETH');
    const pushed = { sequence: 1, asOf: new Date(NOW_MS).toISOString(), fundingRate: 0.0001 };
    expect((await client.putMarketData('BTC-PERP', pushed)).replayed).toBe(false);
    expect((await client.marketData('BTC-PERP')).fundingRate).toBe(0.0001);
    expect((await client.deletePositions('alice', 2)).positionCount).toBe(0);
    const documented = contractOf(world)
      .operations.filter(({ path }) => path.startsWith('/v1/'))
      .map(({ path, method }) => `${method.toUpperCase()} ${path.replaceAll(/\{[^}]+\}/g, '*')}`);
    expect([...asked].sort()).toEqual(documented.sort());
  });

  test('a refusal is an error that names the fields', async () => {
    const { client } = await setUp();
    const error = await client.simulate({ cash: 'x', positions: [] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(GatewayProblemError);
    expect((error as GatewayProblemError).problem).toMatchObject({
      status: 400,
      errors: [{ field: 'cash' }],
    });
  });

  test('sends the key', async () => {
    const { keys } = parseApiKeys(`venue:${hashKey('secret')}`);
    const { client, server } = await setUp({ apiKeys: keys }, { apiKey: 'secret' });
    expect((await client.prices()).prices.length).toBe(3);
    const stranger = new BreakwaterClient({ baseUrl: server.url, attempts: 1 });
    await expect(stranger.prices()).rejects.toMatchObject({ problem: { status: 401 } });
  });

  test('waits as long as it is told when the quota is used up', async () => {
    let nowMs = 0;
    const waited: number[] = [];
    const sleep = async (milliseconds: number) => {
      waited.push(milliseconds);
      nowMs += milliseconds;
    };
    const rateLimiter = inMemoryRateLimiter({ limit: 1, windowSeconds: 5, nowMs: () => nowMs });
    const { client } = await setUp({ rateLimiter }, { attempts: 2, sleep });
    await client.prices();
    expect((await client.prices()).prices.length).toBe(3);
    expect(waited).toEqual([5000]);
  });

  test('tries again when nobody answers, and gives up', async () => {
    const { client, server } = await setUp({}, { attempts: 3, sleep: async (ms) => void waited.push(ms) });
    const waited: number[] = [];
    await server.close();
    await expect(client.prices()).rejects.toThrow('fetch failed');
    expect(waited).toEqual([250, 500]);
  });

  test.each([
    ['takes a connection and says nothing', ''],
    [
      'begins to answer and stops',
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"p',
    ],
  ])('does not wait for ever for a gateway that %s; a stream that is open goes on', async (_, answer) => {
    const hub = new EventHub({ window: 10, nowMs: () => 1000 });
    const publish = (n: number) =>
      hub.publish({ topic: 'price', subject: 'BTC-USD', protocol: null, data: { n } });
    const { client: listener } = await setUp(
      { override: (ports) => ({ ...ports, events: hub }) },
      { timeoutMs: 2000 },
    );
    const stop = new AbortController();
    const messages = listener.stream({ signal: stop.signal });
    const first = messages.next();
    await until('the stream to be open', () => hub.listenerCount('local') > 0);
    publish(1);
    expect((await first).value).toMatchObject({ data: { n: 1 } });

    let asked = 0;
    const sockets = new Set<Socket>();
    const silent = createTcpServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => {
        asked += 1;
        socket.write(answer);
      });
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () => {
        for (const socket of sockets) socket.destroy();
        return new Promise<void>((resolve) => silent.close(() => resolve()));
      },
    });
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const client = new BreakwaterClient({
      ...{ baseUrl, attempts: 2, timeoutMs: 1500 },
      sleep: async () => undefined,
    });
    await expect(client.prices()).rejects.toThrow(new NoAnswerError(1500));
    expect(asked).toBe(2);
    // Two tries of 1.5 s are over, and so is the time in which the stream had to begin.
    publish(2);
    expect((await messages.next()).value).toMatchObject({ data: { n: 2 } });
    stop.abort();
  });

  test('something else than the gateway is told apart', async () => {
    const page = async () =>
      new Response('<html>', { status: 200, headers: { 'Content-Type': 'text/html' } });
    const client = new BreakwaterClient({ baseUrl: 'http://127.0.0.1:1', fetch: page });
    await expect(client.prices()).rejects.toBeInstanceOf(UnexpectedAnswerError);
  });
});

describe('stream', () => {
  test('goes on over a restart of the server without losing or repeating an event', async () => {
    const hub = new EventHub({ window: 100, nowMs: () => 1000 });
    const publish = (n: number) =>
      hub.publish({ topic: 'price', subject: 'BTC-USD', protocol: null, data: { n } });
    const start = async (port: number) => {
      const stop = new AbortController();
      const override: WorldOptions['override'] = (ports) => ({ ...ports, events: hub });
      const server = await serve(createWorld({ override, shutdown: stop.signal }).app, {
        host: '127.0.0.1',
        port,
      });
      open.push(server);
      return { server, stop };
    };
    const first = await start(0);
    const client = new BreakwaterClient({
      baseUrl: first.server.url,
      attempts: 1,
      sleep: () => new Promise(setImmediate),
    });
    const end = new AbortController();
    const messages = client.stream({ topics: ['price'], signal: end.signal });
    const seen: unknown[] = [];
    const next = async () => {
      const { value } = await messages.next();
      seen.push((value?.data as { n?: number } | undefined)?.n);
    };
    const one = next();
    await expect.poll(() => hub.listenerCount('local')).toBe(1);
    publish(1);
    await one;
    const two = next();
    first.stop.abort();
    await first.server.close();
    publish(2);
    publish(3);
    await start(first.server.port);
    await two;
    await next();
    publish(4);
    await next();
    expect(seen).toEqual([1, 2, 3, 4]);
    const last = messages.next();
    end.abort();
    expect((await last).done).toBe(true);
  });

  test('a gap is told, a refusal thrown', async () => {
    const hub = new EventHub({ window: 100, nowMs: () => 1000 });
    const { client } = await setUp({ override: (ports) => ({ ...ports, events: hub }) });
    const end = new AbortController();
    const messages = client.stream({ lastEventId: '1-0', signal: end.signal });
    expect((await messages.next()).value).toMatchObject({ topic: 'gap', data: { code: 'events-missed' } });
    end.abort();
    await messages.return();
    await expect(client.stream({ lastEventId: 'not an id' }).next()).rejects.toMatchObject({
      problem: { status: 400 },
    });
  });
});
