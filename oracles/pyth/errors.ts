import { BreakwaterError } from '../../risk/errors.ts';

type Details = Readonly<Record<string, unknown>>;

/** Base of every reason for which a Pyth update is refused. One subclass per failure; values are in `details`. */
export class PythUpdateError extends BreakwaterError {
  override readonly name: string = 'PythUpdateError';
  constructor(type: string, message: string, details: Details = {}) {
    super(message, { type, kind: 'unprocessable', details, retryable: false });
  }
}

/** Longer than any real update: refused before it is read. */
export class UpdateTooLargeError extends PythUpdateError {
  override readonly name = 'UpdateTooLargeError';
  constructor(what: string, size: number, limit: number) {
    super('pyth-update-too-large', `${what} is ${size}, the limit is ${limit}`, { what, size, limit });
  }
}

/** The bytes end before the structure does. */
export class TruncatedUpdateError extends PythUpdateError {
  override readonly name = 'TruncatedUpdateError';
  constructor(what: string, offset: number) {
    super('pyth-update-truncated', `update ends inside ${what} at byte ${offset}`, { what, offset });
  }
}

/** Bytes are left over after the structure ended. */
export class TrailingBytesError extends PythUpdateError {
  override readonly name = 'TrailingBytesError';
  constructor(what: string, bytes: number) {
    super('pyth-update-trailing-bytes', `${bytes} bytes follow the end of ${what}`, { what, bytes });
  }
}

/** Not the format, or not the version of it, that this code verifies. */
export class UnsupportedUpdateError extends PythUpdateError {
  override readonly name = 'UnsupportedUpdateError';
  constructor(field: string, found: string | number, expected: string | number) {
    super('pyth-update-unsupported', `${field} is ${found}, expected ${expected}`, {
      field,
      found,
      expected,
    });
  }
}

/** The update names a signer set that is not configured. */
export class UnknownSignerSetError extends PythUpdateError {
  override readonly name = 'UnknownSignerSetError';
  constructor(index: number, known: readonly number[]) {
    super('pyth-unknown-signer-set', `signer set ${index} is not configured`, { index, known });
  }
}

/** The configured set itself cannot verify anything: quorum above its size, or one address twice. */
export class InvalidSignerSetError extends PythUpdateError {
  override readonly name = 'InvalidSignerSetError';
  constructor(index: number, problem: string) {
    super('pyth-invalid-signer-set', `signer set ${index}: ${problem}`, { index, problem });
  }
}

/** Fewer signatures than the set's quorum. */
export class SignatureQuorumError extends PythUpdateError {
  override readonly name = 'SignatureQuorumError';
  constructor(signatures: number, quorum: number) {
    super('pyth-signature-quorum', `${signatures} signatures, quorum is ${quorum}`, { signatures, quorum });
  }
}

/** Signer indices must ascend strictly, so that no signer counts twice. */
export class SignerOrderError extends PythUpdateError {
  override readonly name = 'SignerOrderError';
  constructor(previous: number, index: number) {
    super('pyth-signer-order', `signer index ${index} follows ${previous}`, { previous, index });
  }
}

/** A signature names a signer that the set does not have. */
export class UnknownSignerError extends PythUpdateError {
  override readonly name = 'UnknownSignerError';
  constructor(index: number, setSize: number) {
    super('pyth-unknown-signer', `signer index ${index} in a set of ${setSize}`, { index, setSize });
  }
}

/** A signature that recovers to somebody else than the named signer, or to nobody. */
export class BadSignatureError extends PythUpdateError {
  override readonly name = 'BadSignatureError';
  constructor(index: number, expected: string, recovered: string | null) {
    super('pyth-bad-signature', `signature ${index} is not by ${expected}`, { index, expected, recovered });
  }
}

/** Signed, but not by Pyth's accumulator: another chain or contract emitted it. */
export class WrongEmitterError extends PythUpdateError {
  override readonly name = 'WrongEmitterError';
  constructor(found: { chain: number; address: string }, expected: { chain: number; address: string }) {
    super('pyth-wrong-emitter', `emitted by ${found.address} on chain ${found.chain}`, { found, expected });
  }
}

/** A message that the signed merkle root does not contain. */
export class MerkleProofError extends PythUpdateError {
  override readonly name = 'MerkleProofError';
  constructor(messageIndex: number, root: string, computed: string) {
    super('pyth-merkle-proof', `message ${messageIndex} is not under the signed root`, {
      messageIndex,
      root,
      computed,
    });
  }
}

/** A signed price message whose fields make no sense. */
export class MalformedMessageError extends PythUpdateError {
  override readonly name = 'MalformedMessageError';
  constructor(field: string, found: string) {
    super('pyth-malformed-message', `${field} is ${found}`, { field, found });
  }
}
