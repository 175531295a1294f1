import {
  type Address,
  bytesToBigInt,
  bytesToHex,
  concatHex,
  getAddress,
  type Hex,
  hexToBytes,
  keccak256,
  numberToHex,
  recoverAddress,
  sliceHex,
} from 'viem';
import { BreakwaterError } from '../../risk/errors.ts';
import type { Signer } from './signer.ts';

/** What key management services offer for a secp256k1 key (ECDSA over a digest): the key never leaves them. */
export interface KeyManagement {
  /** The point, uncompressed: 65 bytes that begin with 4. */
  publicKey(): Promise<Uint8Array>;
  /** Signature of a 32-byte digest in DER, as AWS KMS and Google Cloud KMS answer. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

/** The service answered with something that is no signature of its own key. */
export class KeyManagementError extends BreakwaterError {
  override readonly name = 'KeyManagementError';
  constructor(message: string) {
    super(message, { type: 'key-management', kind: 'unavailable' });
  }
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A signer whose key is held by a service. Every signature is checked before it is given out. @throws KeyManagementError */
export async function kmsSigner(kms: KeyManagement): Promise<Signer> {
  const point = await kms.publicKey();
  if (point.length !== 65 || point[0] !== 4) {
    throw new KeyManagementError('the public key is not an uncompressed point of 65 bytes');
  }
  const address = getAddress(sliceHex(keccak256(bytesToHex(point.subarray(1))), 12));
  return {
    address,
    async sign(digest) {
      const { r, s } = parseDer(await kms.sign(hexToBytes(digest)));
      // Both s and order - s are valid; verifiers on chain take the lower one.
      const low = s > ORDER / 2n ? ORDER - s : s;
      return withRecovery(digest, address, r, low);
    },
  };
}

/** The signature with the `v` that leads back to the address. */
async function withRecovery(digest: Hex, address: Address, r: bigint, s: bigint): Promise<Hex> {
  const body = concatHex([numberToHex(r, { size: 32 }), numberToHex(s, { size: 32 })]);
  for (const v of ['0x1b', '0x1c'] as const) {
    const signature = concatHex([body, v]);
    const signer = await recoverAddress({ hash: digest, signature }).catch(() => null);
    if (signer === address) return signature;
  }
  throw new KeyManagementError('the signature is not of the announced public key');
}

/** SEQUENCE { INTEGER r, INTEGER s }, each at most 33 bytes. */
function parseDer(bytes: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  const integer = (at: number) => {
    const length = bytes[at + 1] ?? 0;
    const end = at + 2 + length;
    if (bytes[at] !== 0x02 || length === 0 || length > 33 || end > bytes.length) {
      throw new KeyManagementError('the signature is not in DER');
    }
    return { value: bytesToBigInt(bytes.subarray(at + 2, end)), end };
  };
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) {
    throw new KeyManagementError('the signature is not in DER');
  }
  const r = integer(2);
  const s = integer(r.end);
  if (s.end !== bytes.length || !inField(r.value) || !inField(s.value)) {
    throw new KeyManagementError('the signature is not in DER');
  }
  return { r: r.value, s: s.value };
}

const inField = (value: bigint) => value > 0n && value < ORDER;
