import { createHash } from 'node:crypto';
import { isPrivate, pointFromScalar, signRecoverable } from 'tiny-secp256k1';
import type { SignerSet } from '../../../oracles/config/feeds.ts';
import { addressOfPublicKey } from '../../../oracles/pyth/vaa.ts';

/** Emitter of the development updates: Pythnet's chain number, an address that no real contract has. */
const DEVELOPMENT_EMITTER = {
  chain: 26,
  address: `0x${createHash('sha256').update('breakwater development emitter').digest('hex')}`,
} as const;

/** Signs the digests of development updates; the keys are public by construction and worth nothing. */
export interface DevelopmentSigner {
  readonly signerSet: SignerSet;
  /** Signatures of the first `quorum` signers over a 32-byte digest: index, r and s, recovery id. */
  sign(digest: Uint8Array): readonly { index: number; compact: Uint8Array; recoveryId: number }[];
}

export interface DevelopmentSignerOptions {
  readonly seed: string;
  readonly signers?: number;
  readonly quorum?: number;
  readonly index?: number;
}

function keyFromSeed(seed: string, index: number): Uint8Array {
  for (let attempt = 0; ; attempt += 1) {
    const key = createHash('sha256').update(`${seed}:${index}:${attempt}`).digest();
    if (isPrivate(key)) return key;
  }
}

/** A signer set like the live one (3 of 5), derived from a seed: same seed, same keys and addresses. */
export function createDevelopmentSigner(options: DevelopmentSignerOptions): DevelopmentSigner {
  const { seed, signers = 5, quorum = 3, index = 0 } = options;
  const keys = Array.from({ length: signers }, (_, signer) => keyFromSeed(seed, signer));
  const addresses = keys.map((key) => addressOfPublicKey(pointFromScalar(key, false)!));
  return {
    signerSet: { index, addresses, quorum, emitter: DEVELOPMENT_EMITTER },
    sign: (digest) =>
      keys.slice(0, quorum).map((key, signer) => {
        const { signature, recoveryId } = signRecoverable(digest, key);
        return { index: signer, compact: signature, recoveryId };
      }),
  };
}
