import { BreakwaterError } from '../../risk/errors.ts';

/** Sending would cost more than the operator allows; it is quoted again later. */
export class FeeAboveBoundError extends BreakwaterError {
  override readonly name = 'FeeAboveBoundError';
  constructor(what: 'message fee' | 'gas price', quotedWei: bigint, boundWei: bigint) {
    super(`the ${what} of ${quotedWei} wei is above the bound of ${boundWei} wei`, {
      type: 'fee-above-bound',
      kind: 'unavailable',
      retryable: true,
      details: { what, quotedWei: quotedWei.toString(), boundWei: boundWei.toString() },
    });
  }
}

/** Refusals of a contract that waiting may cure: time locks, and sequences that another publication took. */
const PASSING = new Set([
  'WrongSequence',
  'TimeLocked',
  'NotScheduled',
  'LZ_InsufficientFee',
  'NotGateway',
  'NoBounds',
]);

/** A contract refuses the call; `reason` is the name of its error. */
export class ContractRefusedError extends BreakwaterError {
  override readonly name = 'ContractRefusedError';
  readonly reason: string;
  constructor(chain: string, reason: string, args: readonly unknown[] = []) {
    super(`${chain}: ${reason}(${args.map(String).join(', ')})`, {
      type: 'contract-refused',
      kind: 'unprocessable',
      retryable: PASSING.has(reason),
      details: { chain, reason },
    });
    this.reason = reason;
  }
}
