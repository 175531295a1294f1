import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';

import { revokeKey, rotateKey, setQuota } from '../../../db/queries/api-keys.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { newApiKey } from '../../../gateway/auth/secret.ts';
import { type StoredKeyRing, storedKeyRing } from '../../../gateway/auth/stored-key-ring.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { until } from '../../helpers/until.ts';
import { asker } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { issueKey } from '../support/tenancy.ts';

const logger = createLogger('silent');
const { keys: configured } = parseApiKeys(`env:${hashKey('env-key')}`);

let postgres: TestPostgres;
let database: Database;
const rings: StoredKeyRing[] = [];
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
});
afterAll(async () => {
  await Promise.all(rings.map((ring) => ring.close()));
  await postgres.stop();
});

/** A ring of another gateway process; it never asks the table by itself unless told. */
async function ringOf(over: Partial<Parameters<typeof storedKeyRing>[0]> = {}): Promise<StoredKeyRing> {
  const ring = storedKeyRing({
    database,
    configured: [],
    requireKeys: false,
    logger,
    reloadMs: 3_600_000,
    ...over,
  });
  rings.push(ring);
  await ring.reload();
  return ring;
}

describe('keys in the database', () => {
  test('open the service to this machine only while there has never been one, and close it for good', async () => {
    const empty = await postgres.openMigrated();
    const ring = await ringOf({ database: empty });
    expect(ring.required()).toBe(false);
    const ask = asker(createWorld({ keyRing: ring }));
    expect((await ask('/v1/prices', { headers: { Host: 'gateway.example' } })).status).toBe(403);
    expect((await ask('/v1/prices')).status).toBe(200);
    const key = await issueKey(empty, 'venue', ['read']);
    await until('the first key to be asked for', () => ring.required());
    expect((await ask('/v1/prices')).status).toBe(401);
    expect((await ask('/v1/prices', { headers: { ...key.headers, Host: 'gateway.example' } })).status).toBe(
      200,
    );
    expect((await ask('/metrics')).status).toBe(403);
    await revokeKey(empty, { protocol: null, id: key.id }, 'test');
    await until('the key to be gone', () => ring.find(key.secret) === null);
    expect((await ask('/v1/prices')).status).toBe(401);
    expect((await ringOf({ database: empty })).required()).toBe(true);
    expect((await ringOf({ requireKeys: true })).required()).toBe(true);
  });

  test('are known to every gateway when they are made, and to none when they are revoked', async () => {
    const [one, two] = [await ringOf(), await ringOf()];
    const key = await issueKey(database, 'alpha', ['read', 'write']);
    for (const ring of [one, two]) {
      await until('the key to be known', () => ring.find(key.secret) !== null);
      expect(ring.find(key.secret)).toEqual({
        protocol: 'alpha',
        scopes: new Set(['read', 'write']),
        actor: `key:${key.id}`,
      });
      expect(ring.find(key.id)).toBeNull();
      expect(ring.find(hashKey(key.secret))).toBeNull();
    }
    await revokeKey(database, { protocol: 'alpha', id: key.id }, 'test');
    for (const ring of [one, two]) await until('the key to be revoked', () => ring.find(key.secret) === null);
  });

  test('end the streams that were opened with them', async () => {
    const ring = await ringOf();
    const key = await issueKey(database, 'alpha', ['read']);
    await until('the key to be known', () => ring.find(key.secret) !== null);
    const events = new EventHub({ window: 10, nowMs: Date.now });
    const { app } = createWorld({ keyRing: ring, override: (ports) => ({ ...ports, events }) });
    const response = await app.request('/v1/stream', { headers: key.headers });
    await until('the stream to be open', () => events.listenerCount('alpha') === 1);
    await revokeKey(database, { protocol: 'alpha', id: key.id }, 'test');
    const text = await response.text();
    expect(text).toContain('event: closing');
    expect(events.listenerCount('alpha')).toBe(0);
  });

  test('end when they expire, without a word from the database; a rotated one after its overlap', async () => {
    let now = Date.now();
    const ring = await ringOf({ nowMs: () => now, trustedMs: Number.POSITIVE_INFINITY });
    const old = await issueKey(database, 'alpha', ['read'], now + 60_000);
    const { secret, ...next } = newApiKey();
    const ask = {
      protocol: 'alpha',
      id: old.id,
      next,
      overlapMs: 3_600_000,
      expiresAtMs: null,
      grantable: null,
    };
    await rotateKey(database, ask, 'test');
    await until('both keys to be known', () => ring.find(secret) !== null && ring.find(old.secret) !== null);
    // The overlap never makes a key last longer than it would have.
    now += 60_001;
    expect(ring.find(old.secret)).toBeNull();
    expect(ring.find(secret)?.protocol).toBe('alpha');
  });

  test('take their quota with them', async () => {
    const ring = await ringOf();
    await setQuota(database, 'alpha', 120, 'test');
    await until('the quota', () => ring.quota('alpha') === 120);
    expect(ring.quota('beta')).toBeNull();
    await setQuota(database, 'alpha', null, 'test');
    await until('the default', () => ring.quota('alpha') === null);
  });

  test('are trusted for a while when the database is away, and then nobody is', async () => {
    let now = Date.now();

    const key = await issueKey(database, 'alpha', ['read']);
    const ring = storedKeyRing({
      database: { ...database, url: 'postgres://nobody@127.0.0.1:1/none' },
      configured,
      requireKeys: false,
      logger,
      nowMs: () => now,
      trustedMs: 60_000,
      reloadMs: 3_600_000,
    });
    rings.push(ring);
    await ring.reload();
    now += 60_000;
    expect(ring.find(key.secret)?.protocol).toBe('alpha');
    now += 1;
    expect(() => ring.find(key.secret)).toThrow('API keys cannot be checked now');
    expect(() => ring.find('unknown')).toThrow('API keys cannot be checked now');
    expect(ring.find('env-key')?.protocol).toBe('env');
    const answer = await asker(createWorld({ keyRing: ring }))('/v1/prices', { headers: key.headers });
    expect(answer.json).toMatchObject({ status: 503, type: '/errors/keys-unavailable' });
    expect(answer.headers.get('retry-after')).toBe('1');
    await ring.reload();
    expect(ring.find(key.secret)?.protocol).toBe('alpha');
  });
});
