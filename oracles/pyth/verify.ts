import type { SignerSet } from '../config/feeds.ts';
import { type MerkleUpdate, parseAccumulatorUpdate, parseSignedRoot } from './accumulator.ts';
import { MerkleProofError } from './errors.ts';
import { bytesToHex } from './hex.ts';
import { ProofChecker } from './merkle.ts';
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

/** What the signatures of one VAA stand for; holds no byte of the update that brought it. */
interface SignedSlot {
  readonly signerSetIndex: number;
  readonly signers: number;
  readonly vaaSequence: bigint;
  readonly vaaTimestampSeconds: number;
  readonly slot: bigint;
  readonly root: Uint8Array;
}

/** @throws PythUpdateError */
function verifySlot(vaaBytes: Uint8Array, signerSets: readonly SignerSet[]): SignedSlot {
  const vaa = parseVaa(vaaBytes);
  const set = verifyVaa(vaa, signerSets);
  const { slot, root } = parseSignedRoot(vaa.payload);
  return {
    signerSetIndex: set.index,
    signers: vaa.signatures.length,
    vaaSequence: vaa.sequence,
    vaaTimestampSeconds: vaa.timestampSeconds,
    slot,
    root: root.slice(),
  };
}

/** Written out: a spread takes as long as reading the message, and an update has a hundred of them. */
function signedPrice(
  message: PriceMessage,
  slot: bigint,
  signerSetIndex: number,
  signers: number,
): VerifiedPrice {
  const { priceId, price, conf, expo, publishTimeSeconds, prevPublishTimeSeconds, emaPrice, emaConf } =
    message;
  return {
    priceId,
    price,
    conf,
    expo,
    publishTimeSeconds,
    prevPublishTimeSeconds,
    emaPrice,
    emaConf,
    slot,
    signerSetIndex,
    signers,
  };
}

/** @throws PythUpdateError */
function pricesUnder(
  signed: SignedSlot,
  proofs: ProofChecker,
  updates: readonly MerkleUpdate[],
): VerifiedUpdate {
  const { signerSetIndex, signers, vaaSequence, vaaTimestampSeconds, slot, root } = signed;
  const prices: VerifiedPrice[] = [];
  const skipped: { index: number; reason: string }[] = [];
  updates.forEach(({ message, proof }, index) => {
    const other = proofs.misses(message, proof);
    if (other !== null) throw new MerkleProofError(index, bytesToHex(root), bytesToHex(other));
    const parsed = parseMessage(message);
    if (parsed.kind === 'skipped') skipped.push({ index, reason: parsed.reason });
    else prices.push(signedPrice(parsed.message, slot, signerSetIndex, signers));
  });
  return { slot, vaaSequence, vaaTimestampSeconds, signerSetIndex, signers, prices, skipped };
}

/**
 * Verifies a PNAU update completely: signatures against the signer set it names, emitter, merkle proof of every
 * message, no byte left over. Pure. All or nothing: one message outside the root refuses the whole update.
 * @param bytes the binary update, as Hermes serves it (decoded)
 * @param signerSets configured sets; the VAA's guardian set index chooses one
 * @throws PythUpdateError one subclass per failure
 */
export function verifyUpdateDetailed(bytes: Uint8Array, signerSets: readonly SignerSet[]): VerifiedUpdate {
  const { vaa, updates } = parseAccumulatorUpdate(bytes);
  const signed = verifySlot(vaa, signerSets);
  return pricesUnder(signed, new ProofChecker(signed.root), updates);
}

/** The prices of `verifyUpdateDetailed`. @throws PythUpdateError */
export function verifyUpdate(bytes: Uint8Array, signerSets: readonly SignerSet[]): readonly VerifiedPrice[] {
  return verifyUpdateDetailed(bytes, signerSets).prices;
}

/** Slots whose signatures are kept as verified: streams and requests of several connections share the latest few. */
const KEPT_SLOTS = 16;

/**
 * `verifyUpdateDetailed` with a memory: the signatures of a VAA that was verified, byte for byte the same, are not
 * checked again, nor nodes of the latest one's tree hashed again. What was refused is not kept. Nodes of older trees
 * go: they would live just long enough to make every collection of garbage slow.
 */
export function createUpdateVerifier(signerSets: readonly SignerSet[]) {
  const kept = new Map<string, SignedSlot>();
  let latest: { readonly signed: SignedSlot; readonly proofs: ProofChecker } | null = null;
  return (bytes: Uint8Array): VerifiedUpdate => {
    const { vaa, updates } = parseAccumulatorUpdate(bytes);
    const key = Buffer.from(vaa.buffer, vaa.byteOffset, vaa.length).toString('latin1');
    let signed = kept.get(key);
    if (signed === undefined) {
      signed = verifySlot(vaa, signerSets);
      const oldest = kept.keys().next().value;
      if (kept.size >= KEPT_SLOTS && oldest !== undefined) kept.delete(oldest);
      kept.set(key, signed);
    }
    if (latest?.signed !== signed) latest = { signed, proofs: new ProofChecker(signed.root) };
    return pricesUnder(signed, latest.proofs, updates);
  };
}
