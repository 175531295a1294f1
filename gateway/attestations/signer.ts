import { readFileSync } from 'node:fs';
import type { Address, Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { ConfigurationError } from '../config/config-error.ts';

/** Signs digests with one secp256k1 key that it never shows. */
export interface Signer {
  readonly address: Address;
  /** 65 bytes r, s, v of a 32-byte digest; `s` in the lower half, `v` 27 or 28. */
  sign(digest: Hex): Promise<Hex>;
}

const KEY = /^(0x)?[0-9a-fA-F]{64}$/;

/** Where the key of a deployment is; values are secrets and appear in no message. */
export interface KeySource {
  /** 32 bytes in hex; null = not given. */
  readonly key: string | null;
  /** File that holds them; null = not given. */
  readonly keyFile: string | null;
}

/**
 * The signer of a private key that an environment variable or a file holds; null when neither is given.
 * @throws ConfigurationError naming the variable, never its value
 */
export function openSigner({ key, keyFile }: KeySource): Signer | null {
  if (key !== null && keyFile !== null) {
    throw refused('ATTESTER_KEY_FILE', 'is set beside ATTESTER_KEY; set one of them');
  }
  if (keyFile !== null) return signerOf(readKey(keyFile), 'ATTESTER_KEY_FILE');
  return key === null ? null : signerOf(key, 'ATTESTER_KEY');
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw refused('ATTESTER_KEY_FILE', code === 'ENOENT' ? 'no such file' : code);
  }
}

function signerOf(text: string, field: string): Signer {
  const trimmed = text.trim();
  if (!KEY.test(trimmed)) throw refused(field, 'must hold a private key of 64 hex digits');
  return localSigner((trimmed.startsWith('0x') ? trimmed : `0x${trimmed}`) as Hex, field);
}

/** @throws ConfigurationError for 32 bytes that are no key of the curve. */
export function localSigner(privateKey: Hex, field = 'key'): Signer {
  try {
    const account = privateKeyToAccount(privateKey);
    return { address: account.address, sign: (digest) => account.sign({ hash: digest }) };
  } catch {
    throw refused(field, 'is not a private key of secp256k1');
  }
}

function refused(field: string, message: string): ConfigurationError {
  return new ConfigurationError('the key that signs attestations cannot be used', [{ field, message }]);
}
