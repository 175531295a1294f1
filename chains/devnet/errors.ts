import { BreakwaterError } from '../../risk/errors.ts';

/** No anvil binary on this machine, or it could not be started. */
export class AnvilUnavailableError extends BreakwaterError {
  override readonly name = 'AnvilUnavailableError';
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, { type: 'anvil-unavailable', kind: 'unavailable', retryable: false, details, cause });
  }
}

/** The node of a local chain does not answer: it was killed, or is being restarted. */
export class DevnetNodeError extends BreakwaterError {
  override readonly name = 'DevnetNodeError';
  readonly chain: string;
  constructor(chain: string, message: string, cause?: unknown) {
    super(`${chain}: ${message}`, {
      type: 'devnet-node-unavailable',
      kind: 'unavailable',
      details: { chain },
      cause,
    });
    this.chain = chain;
  }
}

/** One transaction that did not do what it was sent for. */
export interface FailedTransaction {
  readonly label: string;
  readonly reason: string;
}

/** The block was mined, but these transactions of it reverted; the others hold. */
export class DevnetTransactionError extends BreakwaterError {
  override readonly name = 'DevnetTransactionError';
  readonly chain: string;
  readonly failures: readonly FailedTransaction[];
  constructor(chain: string, blockNumber: bigint | null, failures: readonly FailedTransaction[]) {
    const list = failures.map((failure) => `${failure.label}: ${failure.reason}`).join('; ');
    super(`${chain}: ${failures.length} transaction(s) failed: ${list}`, {
      type: 'devnet-transaction-failed',
      kind: 'internal',
      details: { chain, blockNumber: blockNumber === null ? null : String(blockNumber), failures },
    });
    this.chain = chain;
    this.failures = failures;
  }
}
