import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';

/** Lengths of what was compared in constant time; how long a comparison takes depends on nothing else. */
const compared = vi.hoisted(() => [] as (readonly [number, number])[]);
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    timingSafeEqual: (a: Buffer, b: Buffer) => {
      compared.push([a.length, b.length]);
      return crypto.timingSafeEqual(a, b);
    },
  };
});

const { findPrincipal } = await import('../../../gateway/auth/key-ring.ts');
const { hashKey, parseApiKeys } = await import('../../../gateway/auth/keys.ts');
const { newApiKey } = await import('../../../gateway/auth/secret.ts');

const { keys: configured } = parseApiKeys(
  `alpha:${hashKey('first-key')},beta:${hashKey('second-key')},gamma:${hashKey('third-key')}`,
);
const own = newApiKey();
const expired = newApiKey();
const stored = new Map(
  [own, expired].map(({ id, hash }) => [
    id,
    {
      id,
      protocol: 'delta',
      hash: Buffer.from(hash, 'hex'),
      scopes: new Set(['read'] as const),
      expiresAtMs: id === expired.id ? 1 : null,
    },
  ]),
);
const other = newApiKey().secret;
const swapped = (secret: string, at: number) =>
  secret.slice(0, at) + (secret[at] === 'A' ? 'B' : 'A') + secret.slice(at + 1);

beforeEach(() => {
  compared.length = 0;
});

describe('a presented key is compared with as much, whoever it belongs to', () => {
  test.each([
    ['the first of the environment', 'first-key', 'alpha'],
    ['the last of the environment', 'third-key', 'gamma'],
    ['one of the table', own.secret, 'delta'],
    ['an expired one', expired.secret, null],
    ['one of the table, wrong at the start of its secret', swapped(own.secret, own.id.length + 1), null],
    ['one of the table, wrong at the end', swapped(own.secret, own.secret.length - 1), null],
    ['one whose prefix nobody has', other, null],
    ['a prefix alone', own.id, null],
    ['the stored hash', own.hash, null],
    ['anything', 'x', null],
    ['something long', randomBytes(300).toString('hex'), null],
  ])('%s', (_, presented, protocol) => {
    expect(findPrincipal(presented, configured, stored, 1000)?.protocol ?? null).toBe(protocol);
    // Three of the environment and one of the table, or its stand-in; always whole hashes.
    expect(compared).toEqual([
      [32, 32],
      [32, 32],
      [32, 32],
      [32, 32],
    ]);
  });
});
