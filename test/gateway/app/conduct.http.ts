import { describe, expect, test } from 'vitest';
import { DatabaseUnavailableError } from '../../../db/errors.ts';
import { asker, contractOf, pick } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';

describe('problems', () => {
  test('an unknown path is 404', async () => {
    const { json } = await asker(createWorld())('/v1/nothing');
    expect(json).toMatchObject({
      type: '/errors/not-found',
      title: 'Not found',
      status: 404,
      instance: '/v1/nothing',
    });
  });

  test('a wrong method is 405 with Allow, on every documented path', async () => {
    const world = createWorld();
    const ask = asker(world);
    const paths = new Set(contractOf(world).operations.map(({ path }) => path.replaceAll(/\{[^}]+\}/g, 'x')));
    for (const path of paths) {
      const { json, headers } = await ask(path, { method: 'PATCH' });
      expect(json).toMatchObject({ status: 405, type: '/errors/method-not-allowed' });
      expect(headers.get('allow')).toMatch(/GET|PUT|POST/);
    }
  });

  test('a failure nobody foresaw is a 500 that says nothing, and is logged with the request id', async () => {
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        accounts: {
          ...ports.accounts,
          get: () => Promise.reject(new TypeError('cannot read postgres://app:hunter2@db:5432/x')),
        },
      }),
    });
    const { json, text } = await asker(world)('/v1/accounts/alice/positions', {
      headers: { 'X-Request-Id': 'trace-1' },
    });
    expect(json).toEqual({
      type: '/errors/internal',
      title: 'Internal error',
      status: 500,
      detail: 'the request failed for a reason of ours; quote the request id',
      instance: '/v1/accounts/alice/positions',
      requestId: 'trace-1',
      errors: [],
    });
    expect(text).not.toContain('postgres');
    const logged = world.logs.find((line) => line.includes('request failed')) ?? '';
    expect(JSON.parse(logged)).toMatchObject({ requestId: 'trace-1', err: { type: 'TypeError' } });
    expect(logged).toContain('conduct.http.ts');
    expect(world.logs.join('')).not.toContain('hunter2');
  });

  test('unavailable storage is 503 with Retry-After and without its address', async () => {
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        accounts: {
          ...ports.accounts,
          list: () =>
            Promise.reject(new DatabaseUnavailableError('no answer from postgres://app:hunter2@db:5432/x')),
        },
      }),
    });
    const { json, headers, text } = await asker(world)('/v1/accounts');
    expect(json).toMatchObject({
      status: 503,
      type: '/errors/database-unavailable',
      title: 'Storage is unavailable',
    });
    expect(headers.get('retry-after')).toBe('1');
    expect(text).not.toContain('hunter2');
  });
});

describe('request ids', () => {
  test('a sane id is kept, another replaced', async () => {
    const ask = asker(createWorld());
    const id = async (sent: string) =>
      (await ask('/health', { headers: { 'X-Request-Id': sent } })).headers.get('x-request-id');
    expect(await id('abc-123_=')).toBe('abc-123_=');
    for (const bad of ['a b', '<script>', 'x'.repeat(129), '']) {
      expect(await id(bad)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    }
  });
});

describe('headers', () => {
  test('answers cannot be framed, run or guessed', async () => {
    const { headers } = await asker(createWorld())('/v1/prices');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('problems carry them too', async () => {
    const { headers } = await asker(createWorld())('/v1/prices?x=1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('logs', () => {
  test('one line per answer, with the status and without the key', async () => {
    const world = createWorld();
    const ask = asker(world);
    await ask('/v1/prices', { headers: { Authorization: 'Bearer top-secret' } });
    await ask('/v1/prices?x=1');
    const lines = world.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ path, status, level }) => [path, status, level])).toEqual([
      ['/v1/prices', 200, 20],
      ['/v1/prices', 400, 30],
    ]);
    expect(pick(lines, 0, 'requestId')).toMatch(/^[0-9a-f-]{36}$/);
    expect(world.logs.join('')).not.toContain('top-secret');
  });
});
