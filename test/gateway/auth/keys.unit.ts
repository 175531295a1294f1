import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hashKey, parseApiKeys, protocolOfKey } from '../../../gateway/auth/keys.ts';

const A = hashKey('alpha-key');
const B = hashKey('beta-key');

describe('API keys', () => {
  test('the hash is plain SHA-256', () => {
    // `printf %s abc | sha256sum`
    expect(hashKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('a key leads to its protocol, several keys of one protocol included', () => {
    const { keys, problems } = parseApiKeys(`alpha:${A}, beta:${B.toUpperCase()},alpha:${hashKey('second')}`);
    expect(problems).toEqual([]);
    expect(protocolOfKey('alpha-key', keys)).toBe('alpha');
    expect(protocolOfKey('second', keys)).toBe('alpha');
    expect(protocolOfKey('beta-key', keys)).toBe('beta');
    expect(protocolOfKey(A, keys)).toBeNull();
    expect(protocolOfKey('', keys)).toBeNull();
  });

  test('every wrong entry is named by its place, and no value is quoted', () => {
    const { problems } = parseApiKeys(`alpha:${A},my-secret-key,beta:${A},Gamma:xyz`);
    expect(problems).toEqual([
      'entry 2 must be protocol:sha256hex (protocol of a-z 0-9 -, 64 hex digits)',
      'entry 3 has the hash of entry 1',
      'entry 4 must be protocol:sha256hex (protocol of a-z 0-9 -, 64 hex digits)',
    ]);
  });

  test('the script prints a key that its entry accepts', () => {
    const run = spawnSync(process.execPath, ['--import', 'tsx', 'gateway/auth/new-key.ts', 'venue'], {
      encoding: 'utf8',
    });
    const key = /not stored\): (\S+)/.exec(run.stdout)?.[1] ?? '';
    const entry = /add to API_KEYS: (\S+)/.exec(run.stdout)?.[1] ?? '';
    expect(key).toMatch(/^bw_venue_[\w-]{43}$/);
    expect(protocolOfKey(key, parseApiKeys(entry).keys)).toBe('venue');
  });
});
