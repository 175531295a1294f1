import type { Address, Hex } from 'viem';

/** One signed form of a transaction; all of one share nonce and call and differ in their fees. */
export interface SignedVersion {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** Wall time. */
  readonly signedAtMs: number;
}

/** A transaction as it is kept from before it is sent until it is final. */
export interface RecordedTransaction {
  /** Registry id. */
  readonly chain: string;
  /** Lower-case address. */
  readonly sender: string;
  readonly nonce: number;
  readonly publication: string;
  readonly step: string;
  readonly request: {
    readonly to: Address;
    readonly data: Hex;
    readonly value: bigint;
    readonly gas: bigint;
  };
  /** The last one is in use. */
  readonly versions: readonly SignedVersion[];
  /** open: no block is known to hold it for good; reverted, lost (its nonce went to another transaction) and final end. */
  readonly state: 'open' | 'mined' | 'reverted' | 'lost' | 'final';
  readonly minedHash: Hex | null;
  readonly blockNumber: bigint | null;
}

type Key = Pick<RecordedTransaction, 'chain' | 'sender'>;

/** Where transactions are kept; must be durable. */
export interface TransactionStore {
  /** Those that are open or mined, by nonce. */
  watched(key: Key): Promise<readonly RecordedTransaction[]>;
  /** The highest nonce in use; null before the first. */
  highestNonce(key: Key): Promise<number | null>;
  change(
    transaction: Pick<RecordedTransaction, 'chain' | 'sender' | 'nonce'>,
    values: Partial<Pick<RecordedTransaction, 'versions' | 'state' | 'minedHash' | 'blockNumber'>>,
  ): Promise<void>;
}
