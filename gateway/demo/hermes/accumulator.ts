import {
  MAJOR_VERSION,
  MINOR_VERSION,
  PNAU_MAGIC,
  ROOT_MAGIC,
  WORMHOLE_MERKLE,
} from '../../../oracles/pyth/accumulator.ts';
import { vaaDigest } from '../../../oracles/pyth/vaa.ts';
import { concat, hex, i32, i64, u8, u16, u32, u64 } from './bytes.ts';
import { buildMerkleTree } from './merkle-tree.ts';
import type { DevelopmentSigner } from './signer.ts';

/** A price to publish: `price`, `conf` and the EMA share the exponent `expo`; times in Unix seconds. */
export interface PublishedPrice {
  readonly priceId: `0x${string}`;
  readonly price: bigint;
  readonly conf: bigint;
  readonly expo: number;
  readonly publishTimeSeconds: number;
  readonly prevPublishTimeSeconds: number;
  readonly emaPrice: bigint;
  readonly emaConf: bigint;
}

/** The signed accumulator of one slot, from which updates for any of its prices can be cut. */
export interface SlotAccumulator {
  readonly slot: bigint;
  readonly prices: readonly PublishedPrice[];
  /** Binary PNAU update with the given prices (indices into `prices`). */
  encode(indices: readonly number[]): Uint8Array;
}

const PRICE_FEED_MESSAGE = 0;
const RING_SIZE = 10_000;

export function encodePriceMessage(price: PublishedPrice): Uint8Array {
  return concat([
    u8(PRICE_FEED_MESSAGE),
    hex(price.priceId),
    i64(price.price),
    u64(price.conf),
    i32(price.expo),
    i64(BigInt(price.publishTimeSeconds)),
    i64(BigInt(price.prevPublishTimeSeconds)),
    i64(price.emaPrice),
    u64(price.emaConf),
  ]);
}

function encodeVaa(
  signer: DevelopmentSigner,
  slot: bigint,
  root: Uint8Array,
  timestampSeconds: number,
): Uint8Array {
  const { emitter, index } = signer.signerSet;
  const payload = concat([hex(ROOT_MAGIC), u8(WORMHOLE_MERKLE), u64(slot), u32(RING_SIZE), root]);
  const body = concat([
    u32(timestampSeconds),
    u32(0),
    u16(emitter.chain),
    hex(emitter.address as `0x${string}`),
    u64(slot),
    u8(1),
    payload,
  ]);
  const signatures = signer.sign(vaaDigest(body));
  return concat([
    u8(1),
    u32(index),
    u8(signatures.length),
    ...signatures.map((signature) =>
      concat([u8(signature.index), signature.compact, u8(signature.recoveryId)]),
    ),
    body,
  ]);
}

/**
 * Builds and signs the accumulator of one slot, byte for byte in the format of Pyth's mainnet updates, so that
 * the verifying code is the production code. At most 255 prices per update, as in the format.
 */
export function buildSlot(
  signer: DevelopmentSigner,
  slot: bigint,
  prices: readonly PublishedPrice[],
): SlotAccumulator {
  const messages = prices.map(encodePriceMessage);
  const tree = buildMerkleTree(messages);
  const timestampSeconds = Math.max(...prices.map((price) => price.publishTimeSeconds));
  const vaa = encodeVaa(signer, slot, tree.root, timestampSeconds);
  const header = concat([hex(PNAU_MAGIC), u8(MAJOR_VERSION), u8(MINOR_VERSION), u8(0), u8(WORMHOLE_MERKLE)]);
  return {
    slot,
    prices,
    encode: (indices) =>
      concat([
        header,
        u16(vaa.length),
        vaa,
        u8(indices.length),
        ...indices.map((index) => {
          const message = messages[index]!;
          const proof = tree.proof(index);
          return concat([u16(message.length), message, u8(proof.length), ...proof]);
        }),
      ]),
  };
}
