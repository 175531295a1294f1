import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hexToBytes } from 'viem';
import type { SignerSet } from '../../../oracles/config/feeds.ts';

/** Vectors live beside the repository and are read by path; tests say that they skipped without them. */
export const VECTORS = resolve(import.meta.dirname, '../../../../shared/vectors');
export const hasVectors = (set: string): boolean => existsSync(resolve(VECTORS, set));

export function readJson<T>(...path: string[]): T {
  return JSON.parse(readFileSync(resolve(VECTORS, ...path), 'utf8')) as T;
}

export function readText(...path: string[]): string {
  return readFileSync(resolve(VECTORS, ...path), 'utf8').trim();
}

export function readUpdate(...path: string[]): Uint8Array {
  const text = readText(...path);
  const name = path[path.length - 1]!;
  if (name.endsWith('.b64')) return new Uint8Array(Buffer.from(text, 'base64'));
  return hexToBytes(`0x${text.replace(/^0x/, '')}`);
}

const PYTHNET = {
  chain: 26,
  address: '0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71',
};

/** Wormhole's guardian sets 0 to n with the emitter of Pyth's accumulator; the quorum is more than two thirds. */
export function mainnetSignerSets(): SignerSet[] {
  const { sets } = readJson<{ sets: `0x${string}`[][] }>('pyth-updates', 'guardian-sets.json');
  return sets.map((addresses, index) => ({
    index,
    addresses,
    quorum: Math.floor((addresses.length * 2) / 3) + 1,
    emitter: PYTHNET,
  }));
}
