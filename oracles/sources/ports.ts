import type { Abi, Address } from 'viem';
import type { UnixMs } from '../../risk/units/time.ts';

/** One contract read inside a pinned round. */
export interface ReadCall {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: readonly unknown[];
}

export type ReadOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };

/**
 * A view of one chain at one block. All reads of a round go through one pin, so that a fallback transport
 * cannot mix two nodes' views. `chains/` implements it; the entry points wire it in.
 */
export interface PinnedView {
  readonly chain: string;
  readonly blockNumber: bigint;
  readonly blockHash: `0x${string}`;
  readonly blockTimeMs: UnixMs;
  /** Results in the order of the calls; one failing call does not fail the others. Rejects only if the chain is unreachable. */
  read(calls: readonly ReadCall[]): Promise<readonly ReadOutcome[]>;
}

export interface ChainReader {
  readonly chain: string;
  /** @throws ChainUnavailableError when no endpoint answers, is on the wrong chain id, or its head is too old. */
  pin(): Promise<PinnedView>;
}
