import type { Abi, Address } from 'viem';
import type { UnixMs } from '../../risk/units/time.ts';

/*
 * What this folder offers to readers of contracts. The shapes are those that oracles/sources/ports.ts asks for;
 * neither folder knows the other, and the compiler compares them where the entry points wire them together.
 */

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

/** A view of one chain at one block through one endpoint. */
export interface PinnedView {
  readonly chain: string;
  readonly blockNumber: bigint;
  readonly blockHash: `0x${string}`;
  readonly blockTimeMs: UnixMs;
  /**
   * Results in the order of the calls; one failing call does not fail the others.
   * @throws ChainUnavailableError when the endpoint stops answering or the block was replaced meanwhile.
   */
  read(calls: readonly ReadCall[]): Promise<readonly ReadOutcome[]>;
}

export interface EndpointHealth {
  /** Position in the configuration and host, without path or credentials: those often hold an API key. */
  readonly endpoint: string;
  /** `refused` is for good (wrong chain id); `backing-off` is until `retryInMs` from now has passed. */
  readonly state: 'untried' | 'serving' | 'backing-off' | 'refused';
  /** Why it does not serve, or why its last head was not taken; null when nothing is wrong. */
  readonly reason: string | null;
  readonly consecutiveFailures: number;
  readonly retryInMs: number;
  readonly headNumber: bigint | null;
  readonly headTimeMs: UnixMs | null;
}

export interface ChainReader {
  readonly chain: string;
  /** @throws ChainUnavailableError when no endpoint answers, is on the right chain, and has a fresh head. */
  pin(): Promise<PinnedView>;
  /** What is known of each endpoint, in order of preference. Asks no endpoint. */
  health(): readonly EndpointHealth[];
}
