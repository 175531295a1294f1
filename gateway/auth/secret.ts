import { randomBytes } from 'node:crypto';
import { hashKey } from './keys.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const FORM = /^(bw_[a-z2-7]{10})_[A-Za-z0-9_-]{43}$/;

/** A new API key: `id` is its visible prefix, `secret` the whole key, shown once, `hash` what is stored. */
export function newApiKey(): { readonly id: string; readonly secret: string; readonly hash: string } {
  const id = `bw_${[...randomBytes(10)].map((byte) => ALPHABET[byte & 31]).join('')}`;
  const secret = `${id}_${randomBytes(32).toString('base64url')}`;
  return { id, secret, hash: hashKey(secret) };
}

/** Visible prefix of a presented key; null when it does not have the form of a stored key. */
export function keyIdOf(presented: string): string | null {
  return FORM.exec(presented)?.[1] ?? null;
}
