import { bytesToHex } from 'viem';
import type { SignerSet } from '../config/feeds.ts';
import { parseAccumulatorUpdate, parseSignedRoot } from './accumulator.ts';
import { MerkleProofError } from './errors.ts';
import { rootOfProof } from './merkle.ts';
import { type PriceMessage, parseMessage } from './message.ts';
import { parseVaa, verifyVaa } from './vaa.ts';

/** A price that the configured signers stand behind. */
export interface VerifiedPrice extends PriceMessage {
  /** Pythnet slot of the signed root. */
  readonly slot: bigint;
  readonly signerSetIndex: number;
  /** Valid signatures on the root. */
  readonly signers: number;
}

export interface VerifiedUpdate {
  readonly slot: bigint;
  readonly vaaSequence: bigint;
  readonly vaaTimestampSeconds: number;
  readonly signerSetIndex: number;
  readonly signers: number;
  readonly prices: readonly VerifiedPrice[];
  /** Messages that are genuine but are no spot prices. */
  readonly skipped: readonly { readonly index: number; readonly reason: string }[];
}

/**
 * Verifies a PNAU update completely: signatures against the signer set it names, emitter, merkle proof of every
 * message, no byte left over. Pure. All or nothing: one message outside the root refuses the whole update.
 * @param bytes the binary update, as Hermes serves it (decoded)
 * @param signerSets configured sets; the VAA's guardian set index chooses one
 * @throws PythUpdateError one subclass per failure
 */
export function verifyUpdateDetailed(bytes: Uint8Array, signerSets: readonly SignerSet[]): VerifiedUpdate {
  const update = parseAccumulatorUpdate(bytes);
  const vaa = parseVaa(update.vaa);
  const set = verifyVaa(vaa, signerSets);
  const { slot, root } = parseSignedRoot(vaa.payload);
  const rootHex = bytesToHex(root);
  const prices: VerifiedPrice[] = [];
  const skipped: { index: number; reason: string }[] = [];
  update.updates.forEach(({ message, proof }, index) => {
    const computed = bytesToHex(rootOfProof(message, proof));
    if (computed !== rootHex) throw new MerkleProofError(index, rootHex, computed);
    const parsed = parseMessage(message);
    if (parsed.kind === 'skipped') skipped.push({ index, reason: parsed.reason });
    else {
      prices.push({ ...parsed.message, slot, signerSetIndex: set.index, signers: vaa.signatures.length });
    }
  });
  return {
    slot,
    vaaSequence: vaa.sequence,
    vaaTimestampSeconds: vaa.timestampSeconds,
    signerSetIndex: set.index,
    signers: vaa.signatures.length,
    prices,
    skipped,
  };
}

/** The prices of `verifyUpdateDetailed`. @throws PythUpdateError */
export function verifyUpdate(bytes: Uint8Array, signerSets: readonly SignerSet[]): readonly VerifiedPrice[] {
  return verifyUpdateDetailed(bytes, signerSets).prices;
}
