import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, describe, expect, it } from 'vitest';
import { readChainKey } from '../../../chains/publisher/chain-key.ts';

const KEY = 'a1'.repeat(32);
const folder = mkdtempSync(join(tmpdir(), 'breakwater-key-'));
const file = join(folder, 'key');
afterAll(() => rmSync(folder, { recursive: true }));
const refusal = (source: Parameters<typeof readChainKey>[0]): string => {
  try {
    readChainKey(source);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('readChainKey', () => {
  it('reads a key, or a file with one, with or without 0x', () => {
    const { address } = privateKeyToAccount(`0x${KEY}`);
    expect(readChainKey({ key: `0x${KEY}`, file: null })?.address).toBe(address);
    writeFileSync(file, `${KEY.toUpperCase()}\n`);
    expect(readChainKey({ key: null, file })?.address).toBe(address);
    expect(readChainKey({ key: null, file: null })).toBeNull();
  });

  it('refuses the rest without a word of key or path', () => {
    writeFileSync(file, 'not-a-key-secret');
    expect(refusal({ key: KEY, file })).toBe('CHAIN_KEY_FILE: is given beside CHAIN_KEY');
    expect(refusal({ key: null, file })).toBe('CHAIN_KEY_FILE: must hold 32 bytes in hex');
    expect(refusal({ key: null, file: join(folder, 'absent') })).toBe('CHAIN_KEY_FILE: cannot be read');
    expect(refusal({ key: KEY.slice(1), file: null })).toBe('CHAIN_KEY: must hold 32 bytes in hex');
    expect(refusal({ key: 'f'.repeat(64), file: null })).toBe('CHAIN_KEY: is no private key of secp256k1');
  });
});
