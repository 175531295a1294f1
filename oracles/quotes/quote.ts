import type { UnixMs } from '../../risk/units/time.ts';

export type SourceKind =
  | 'pyth-hermes'
  | 'pyth-onchain'
  | 'chainlink'
  | 'uniswap-v3-twap'
  | 'uniswap-v2-twap'
  | 'observed';

/**
 * One observation of one feed by one source. Price = `price` x 10^`expo` in `quoteAsset` per `base`.
 * Age is always counted from `publishTimeMs`, never from when we fetched it.
 */
export interface Quote {
  readonly feedId: string;
  /** Unique per configured source, e.g. `chainlink:hub`. */
  readonly sourceId: string;
  readonly kind: SourceKind;
  readonly base: string;
  readonly quoteAsset: string;
  readonly price: bigint;
  readonly expo: number;
  /** Half width around the price, same exponent; 0n when the source publishes none. */
  readonly confidence: bigint;
  readonly publishTimeMs: UnixMs;
  /** Market time at which we had it; for latency, never for age. */
  readonly receivedAtMs: UnixMs;
  /** Registry id of the chain it was read from; null for off-chain sources. */
  readonly chain: string | null;
  /** Block that all reads of this chain in the round were pinned to; null off chain. */
  readonly blockNumber: bigint | null;
  readonly blockTimeMs: UnixMs | null;
  /** Sources that share publishers or a pool share one group, and so one vote. */
  readonly independenceGroup: string;
  /** JSON-safe facts for the evidence, e.g. roundId, tick, harmonic liquidity, signer count. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** A source that has nothing usable, and why. It goes into the evidence in place of a quote. */
export interface SourceFailure {
  readonly feedId: string;
  readonly sourceId: string;
  readonly kind: SourceKind;
  readonly chain: string | null;
  readonly code: string;
  readonly message: string;
  readonly atMs: UnixMs;
}

export type SourceReport =
  | { readonly ok: true; readonly quote: Quote }
  | { readonly ok: false; readonly failure: SourceFailure };
