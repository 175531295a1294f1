import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hexToBytes } from 'viem';
import type { SignerSet } from '../../../oracles/config/feeds.ts';

/** Binary update from a file of hex or base64 text. */
export function readUpdateFile(dir: string, file: string): Uint8Array {
  const text = readFileSync(resolve(dir, file), 'utf8').trim();
  if (file.endsWith('.b64')) return new Uint8Array(Buffer.from(text, 'base64'));
  return hexToBytes(`0x${text.replace(/^0x/, '')}`);
}

/** Pyth's accumulator on Pythnet. */
export const PYTHNET_EMITTER = {
  chain: 26,
  address: '0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71',
};

/** Wormhole's guardian sets 0 to n with the emitter of Pyth's accumulator; the quorum is more than two thirds. */
export function mainnetSignerSets(dir: string): SignerSet[] {
  const file = readFileSync(resolve(dir, 'guardian-sets.json'), 'utf8');
  const { sets } = JSON.parse(file) as { sets: `0x${string}`[][] };
  return sets.map((addresses, index) => ({
    index,
    addresses,
    quorum: Math.floor((addresses.length * 2) / 3) + 1,
    emitter: PYTHNET_EMITTER,
  }));
}
