import { schemas } from '@pythnetwork/hermes-client/zodSchemas';
import type { SignerSet } from '../../config/feeds.ts';
import { MAX_UPDATE_BYTES } from '../../pyth/accumulator.ts';
import { PythUpdateError, UnsupportedUpdateError, UpdateTooLargeError } from '../../pyth/errors.ts';
import { type VerifiedPrice, verifyUpdate } from '../../pyth/verify.ts';

/** Text of one message; hex doubles the bytes and the server may add its parsed view. */
export const MAX_MESSAGE_CHARACTERS = 8 * MAX_UPDATE_BYTES;
/** Binary updates in one message: Hermes sends one per slot. */
const MAX_UPDATES_PER_MESSAGE = 64;

export interface BinaryUpdate {
  readonly encoding: 'hex' | 'base64';
  readonly data: readonly string[];
}

/** Reads the text of a stream message. @throws PythUpdateError when it is no price update. */
export function parseStreamMessage(text: string): BinaryUpdate {
  if (text.length > MAX_MESSAGE_CHARACTERS) {
    throw new UpdateTooLargeError('stream message', text.length, MAX_MESSAGE_CHARACTERS);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnsupportedUpdateError('stream message', 'no JSON', 'a price update');
  }
  const parsed = schemas.PriceUpdate.safeParse(json);
  if (!parsed.success) throw new UnsupportedUpdateError('stream message', 'another JSON', 'a price update');
  return parsed.data.binary;
}

function decode(text: string, encoding: 'hex' | 'base64'): Uint8Array {
  if (text.length > 2 * MAX_UPDATE_BYTES) {
    throw new UpdateTooLargeError('update', text.length, 2 * MAX_UPDATE_BYTES);
  }
  const pattern = encoding === 'hex' ? /^(?:[0-9a-f]{2})*$/i : /^[0-9a-z+/]*={0,2}$/i;
  if (!pattern.test(text)) throw new UnsupportedUpdateError('encoding', 'another alphabet', encoding);
  return new Uint8Array(Buffer.from(text, encoding));
}

/** What one binary update turned out to be. */
export type GateOutcome =
  | { readonly ok: true; readonly prices: readonly VerifiedPrice[] }
  | { readonly ok: false; readonly error: PythUpdateError };

/**
 * Verifies every binary update of a message; one that is refused does not spoil the others. An update that was just
 * verified (stream and catch-up overlap) is not verified again and yields nothing.
 */
export function createUpdateGate(signerSets: readonly SignerSet[]) {
  let last: string | null = null;
  const verifyOne = (text: string, encoding: 'hex' | 'base64'): GateOutcome | null => {
    if (text === last) return null;
    try {
      const prices = verifyUpdate(decode(text, encoding), signerSets);
      last = text;
      return { ok: true, prices };
    } catch (error) {
      if (error instanceof PythUpdateError) return { ok: false, error };
      throw error;
    }
  };
  return ({ encoding, data }: BinaryUpdate): readonly GateOutcome[] => {
    if (data.length > MAX_UPDATES_PER_MESSAGE) {
      return [{ ok: false, error: new UpdateTooLargeError('message', data.length, MAX_UPDATES_PER_MESSAGE) }];
    }
    return data.flatMap((text) => verifyOne(text, encoding) ?? []);
  };
}
