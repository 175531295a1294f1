import { schemas } from '@pythnetwork/hermes-client/zodSchemas';
import type { SignerSet } from '../../config/feeds.ts';
import { MAX_UPDATE_BYTES } from '../../pyth/accumulator.ts';
import { PythUpdateError, UnsupportedUpdateError, UpdateTooLargeError } from '../../pyth/errors.ts';
import { createUpdateVerifier, type VerifiedPrice } from '../../pyth/verify.ts';

/** Text of one message; hex doubles the bytes and the server may add its parsed view. */
export const MAX_MESSAGE_CHARACTERS = 8 * MAX_UPDATE_BYTES;
/** Binary updates in one message: Hermes sends one per slot. */
const MAX_UPDATES_PER_MESSAGE = 64;

export interface BinaryUpdate {
  readonly encoding: 'hex' | 'base64';
  readonly data: readonly string[];
}

/** A message of Hermes: the text of one of the stream, or what a request answered. */
export type HermesMessage = string | BinaryUpdate;

/** @throws PythUpdateError when it is no price update, or larger than any. */
export function parseHermesMessage(message: HermesMessage): BinaryUpdate {
  const binary = typeof message === 'string' ? parseText(message) : message;
  const { length } = binary.data;
  if (length > MAX_UPDATES_PER_MESSAGE)
    throw new UpdateTooLargeError('message', length, MAX_UPDATES_PER_MESSAGE);
  return binary;
}

function parseText(text: string): BinaryUpdate {
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

/** Bytes of one binary update. @throws PythUpdateError */
export function decodeUpdate(text: string, encoding: 'hex' | 'base64'): Uint8Array {
  if (text.length > 2 * MAX_UPDATE_BYTES) {
    throw new UpdateTooLargeError('update', text.length, 2 * MAX_UPDATE_BYTES);
  }
  const bytes = Buffer.from(text, encoding);
  // Decoding skips what it does not know. What encodes to the same text had nothing else in it, which is told faster
  // than by the pattern; the pattern decides about text that could be written in another way.
  if (bytes.toString(encoding) !== text) {
    const pattern = encoding === 'hex' ? /^(?:[0-9a-f]{2})*$/i : /^[0-9a-z+/]*={0,2}$/i;
    if (!pattern.test(text)) throw new UnsupportedUpdateError('encoding', 'another alphabet', encoding);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Why an update was refused: what crosses from one thread to another of a `PythUpdateError`. */
export type GateRefusal = Pick<PythUpdateError, 'type' | 'message' | 'details'>;

/** What one binary update turned out to be. */
export type GateOutcome =
  | { readonly ok: true; readonly prices: readonly VerifiedPrice[] }
  | { readonly ok: false; readonly refusal: GateRefusal };

/** @throws whatever is no refusal of an update. */
function refusalOf(error: unknown): GateOutcome {
  if (!(error instanceof PythUpdateError)) throw error;
  const { type, message, details } = error;
  return { ok: false, refusal: { type, message, details } };
}

/**
 * Verifies every binary update of a message; one that is refused does not spoil the others. An update that was just
 * verified (stream and catch-up overlap) is not verified again and yields nothing.
 */
export function createUpdateGate(signerSets: readonly SignerSet[]) {
  const verify = createUpdateVerifier(signerSets);
  let last: string | null = null;
  const verifyOne = (text: string, encoding: 'hex' | 'base64'): GateOutcome | null => {
    if (text === last) return null;
    try {
      const { prices } = verify(decodeUpdate(text, encoding));
      last = text;
      return { ok: true, prices };
    } catch (error) {
      return refusalOf(error);
    }
  };
  return (message: HermesMessage): readonly GateOutcome[] => {
    try {
      const { encoding, data } = parseHermesMessage(message);
      return data.flatMap((text) => verifyOne(text, encoding) ?? []);
    } catch (error) {
      return [refusalOf(error)];
    }
  };
}
