import { readFileSync } from 'node:fs';
import type { LocalAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { InvalidInputError } from '../../risk/errors.ts';

/**
 * The gateway's key for publishing: 32 bytes in hex, itself or in a file (as secret stores mount it). Neither key nor
 * path stands in any message. An own signer (a KMS) can be handed in as any viem `LocalAccount` instead.
 * @returns null when neither is given
 * @throws InvalidInputError
 */
export function readChainKey(source: {
  readonly key: string | null;
  readonly file: string | null;
}): LocalAccount | null {
  const { key, file } = source;
  if (key !== null && file !== null)
    throw new InvalidInputError('CHAIN_KEY_FILE', 'is given beside CHAIN_KEY');
  if (key === null && file === null) return null;
  const field = key === null ? 'CHAIN_KEY_FILE' : 'CHAIN_KEY';
  let text: string;
  try {
    text = (key ?? readFileSync(file!, 'utf8')).trim();
  } catch {
    throw new InvalidInputError(field, 'cannot be read');
  }
  const digits = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text)?.[1];
  if (digits === undefined) throw new InvalidInputError(field, 'must hold 32 bytes in hex');
  try {
    return privateKeyToAccount(`0x${digits.toLowerCase()}`);
  } catch {
    throw new InvalidInputError(field, 'is no private key of secp256k1');
  }
}
