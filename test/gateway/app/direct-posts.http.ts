import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../gateway/app/app.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { inMemoryRateLimiter } from '../../../gateway/limits/rate-limiter.ts';
import { BOOK, createWorld } from '../support/gateway.ts';

const KEYS = { alpha: 'key-of-alpha', writer: 'key-of-a-writer' };
const apiKeys = parseApiKeys(`alpha:${hashKey(KEYS.alpha)},alpha:${hashKey(KEYS.writer)}:write`).keys;
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
const PATH = '/v1/margin/simulate';
const MAX_BODY_BYTES = 4096;

let servers: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

/** Two servers over the same ports: one answers directly what it can, the other logs every request and cannot. */
async function serveBoth(limit = 1000) {
  const world = createWorld({ apiKeys });
  const simulated: string[] = [];
  const ports: typeof world.ports = {
    ...world.ports,
    margin: {
      ...world.ports.margin,
      simulate: (protocol, ...ask) => {
        simulated.push(protocol);
        return world.ports.margin.simulate(protocol, ...ask);
      },
      simulateNow: (protocol, portfolio) => {
        simulated.push(protocol);
        return world.ports.margin.simulateNow?.(protocol, portfolio) ?? null;
      },
    },
  };
  const urlOf = async (level: 'info' | 'debug') => {
    const app = createApp({
      ports,
      logger: createLogger(level, { write: () => undefined }),
      apiKeys,
      rateLimiter: inMemoryRateLimiter({ limit, windowSeconds: 60, nowMs: () => 0 }),
      maxBodyBytes: MAX_BODY_BYTES,
    });
    const server = await serve(app, { host: '127.0.0.1', port: 0 });
    servers.push(server);
    return server.url;
  };
  return { direct: await urlOf('info'), ordinary: await urlOf('debug'), simulated };
}

type Body = NonNullable<RequestInit['body']>;

async function ask(url: string, body: Body, init: RequestInit = {}, path = PATH) {
  const headers = { ...bearer(KEYS.alpha), 'Content-Type': 'application/json', ...init.headers };
  const response = await fetch(url + path, { method: 'POST', ...init, headers, body });
  const told = Object.fromEntries(response.headers);
  for (const name of ['x-request-id', 'date', 'content-length', 'transfer-encoding']) delete told[name];
  const text = (await response.text()).replace(/"requestId":"[^"]*"/, '');
  return { status: response.status, headers: told, text };
}

const book = (change: object) => JSON.stringify({ ...BOOK, ...change });
const PERP = { kind: 'perp', id: 'p', market: 'BTC-PERP', size: '1', entryPrice: '60000', chain: null };
const positions = (...list: object[]) => book({ positions: list });

const BODIES: Readonly<Record<string, Body>> = {
  'a book': JSON.stringify(BOOK),
  'an empty book': book({ positions: [] }),
  'a perp with funding': positions({ ...PERP, unsettledFunding: '-3.25' }),
  'a book with blanks': JSON.stringify(BOOK, null, 2),
  'escapes that mean the same': JSON.stringify(BOOK).replace('"cash"', '"c\\u0061sh"'),
  'a byte order mark': `\ufeff${JSON.stringify(BOOK)}`,
  'two byte order marks': `\ufeff\ufeff${JSON.stringify(BOOK)}`,
  'no text': '',
  'half a text': '{"cash":"1',
  'a member twice': `{"cash":"1",${JSON.stringify(BOOK).slice(1)}`,
  __proto__: `{"__proto__":{},${JSON.stringify(BOOK).slice(1)}`,
  'an array': '[]',
  null: 'null',
  'no positions': '{"cash":"1"}',
  'an unknown member': book({ more: '1' }),
  'a number for an amount': book({ cash: 1 }),
  'an exponent': book({ cash: '1e5' }),
  'too large an amount': positions({ ...PERP, size: `1${'0'.repeat(30)}` }),
  'a size of zero': positions({ ...PERP, size: '-0.0' }),
  'an id twice': positions(PERP, PERP),
  'an id that is none': positions({ ...PERP, id: ' ' }),
  'a kind that is none': positions({ ...PERP, kind: 'constructor' }),
  'a market that is not listed': positions({ ...PERP, market: 'DOGE-PERP' }),
  'a chain that is not listed': positions({ ...PERP, chain: 'nowhere' }),
  'a loan of what is no collateral': positions({ kind: 'loan', id: 'l', market: 'BTC-PERP', amount: '1' }),
  'an option that does not exist': positions({
    kind: 'option',
    id: 'o',
    market: 'BTC-20260230-1-C',
    size: '1',
  }),
  'too long a text': book({ more: 'x'.repeat(MAX_BODY_BYTES) }),
  'bytes that are no text': new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
};

describe('a simulation by the short way is answered as by the ordinary one', () => {
  test.each(Object.entries(BODIES))('%s', async (_, body) => {
    const { direct, ordinary } = await serveBoth();
    expect(await ask(direct, body)).toEqual(await ask(ordinary, body));
  });

  const BOOK_TEXT = JSON.stringify(BOOK);
  test.each<[string, RequestInit, string?]>([
    ['no key', { headers: { Authorization: '' } }],
    ['a wrong key', { headers: bearer('nobody') }],
    ['a key without the scope', { headers: bearer(KEYS.writer) }],
    ['another content type', { headers: { 'Content-Type': 'text/plain' } }],
    ['a character set', { headers: { 'Content-Type': 'application/json; charset=utf-8' } }],
    ['a compressed body', { headers: { 'Content-Encoding': 'gzip' } }],
    ['another method', { method: 'PUT' }],
    ['a module', {}, `${PATH}?module=fixed@1.0.0`],
    ['a module that is not there', {}, `${PATH}?module=fixed@9.0.0`],
    ['an empty query', {}, `${PATH}?`],
    ['another path', {}, `${PATH}/`],
  ])('with %s', async (_, init, path = PATH) => {
    const { direct, ordinary } = await serveBoth();
    expect(await ask(direct, BOOK_TEXT, init, path)).toEqual(await ask(ordinary, BOOK_TEXT, init, path));
  });

  test('of a body that comes in pieces of unknown number', async () => {
    const { direct, ordinary } = await serveBoth();
    const stream = () => new Blob([BOOK_TEXT]).stream();
    const init = { duplex: 'half' } as RequestInit;
    const one = await ask(direct, stream(), init);
    expect(one).toEqual(await ask(ordinary, stream(), init));
    expect(one.status).toBe(200);
  });
});

test('is counted once against the quota, whichever way it ends, and refused when it is used up', async () => {
  const { direct, simulated } = await serveBoth(3);
  const bodies = [JSON.stringify(BOOK), '{', JSON.stringify(BOOK), JSON.stringify(BOOK)];
  const statuses = [];
  for (const body of bodies) {
    const { status, headers } = await ask(direct, body);
    statuses.push([status, headers.ratelimit]);
  }
  expect(statuses).toEqual([
    [200, '"requests";r=2;t=20'],
    [400, '"requests";r=1;t=40'],
    [200, '"requests";r=0;t=60'],
    [429, '"requests";r=0;t=60'],
  ]);
  expect(simulated).toEqual(['alpha', 'alpha']);
});

test('a body that breaks off harms no later request', async () => {
  const { direct } = await serveBoth();
  const { port, hostname } = new URL(direct);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', reject);
    socket.on('close', () => resolve());
    const head = [`POST ${PATH} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${KEYS.alpha}`];
    const rest = ['Content-Type: application/json', 'Content-Length: 100', '', '{"cash":'];
    socket.write([...head, ...rest].join('\r\n'), () => socket.destroy());
  });
  expect((await ask(direct, JSON.stringify(BOOK))).status).toBe(200);
});
