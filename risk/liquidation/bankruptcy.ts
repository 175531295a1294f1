import { InvalidInputError } from '../errors.ts';
import { ceilDiv } from '../units/wad.ts';

/** One cross-margined account as a whole, in the smallest quote units. */
export interface CrossAccount {
  /** Net collateral: cash plus signed notionals. */
  readonly netCollateral: bigint;
  /** Maintenance requirement of all positions. */
  readonly totalMaintenance: bigint;
}

/** A position and the part of it that is closed; sizes signed. */
export interface ClosingPosition {
  readonly size: bigint;
  /** Signed notional of the whole position at the index price. */
  readonly notional: bigint;
  readonly maintenance: bigint;
}

/** @throws InvalidInputError when `closed` is zero, has the position's sign or exceeds it. */
function checkClosed(position: ClosingPosition, closed: bigint): void {
  const wrong =
    closed === 0n ||
    position.size === 0n ||
    closed > 0n === position.size > 0n ||
    (closed < 0n ? -closed : closed) > (position.size < 0n ? -position.size : position.size);
  if (wrong) throw new InvalidInputError('closed', 'must reduce the position and not more than close it');
}

/**
 * Quote paid for closing `closed` at the price where nothing is left for this part of the account: - change of notional
 * - net collateral x |change of maintenance| / total maintenance, rounded up (against the account). Negative: the
 * account could pay to be closed and still not lose. Formula of dYdX v4.
 * @throws InvalidInputError
 */
export function bankruptcyPrice(account: CrossAccount, position: ClosingPosition, closed: bigint): bigint {
  checkClosed(position, closed);
  if (account.totalMaintenance <= 0n) throw new InvalidInputError('totalMaintenance', 'must be positive');
  const size = position.size < 0n ? -position.size : position.size;
  const amount = closed < 0n ? -closed : closed;
  const { netCollateral, totalMaintenance } = account;
  return ceilDiv(
    amount * (position.notional * totalMaintenance - netCollateral * position.maintenance),
    size * totalMaintenance,
  );
}

/**
 * Price per base unit at which a liquidation order may be filled: notional less the adjusted bankruptcy rating x spread x
 * maintenance, over size. The rating grows from 0 at the maintenance margin to 1 at bankruptcy, times `adjustment`.
 * @throws InvalidInputError
 */
export function fillablePrice(
  account: CrossAccount,
  position: ClosingPosition,
  closed: bigint,
  adjustment: number,
  spreadToMaintenance: number,
): number {
  checkClosed(position, closed);
  const health = Number(account.netCollateral) / Number(account.totalMaintenance);
  const rating = Math.min(1, Math.max(0, adjustment * (1 - health)));
  const discount = rating * spreadToMaintenance * Number(position.maintenance);
  return (Number(position.notional) - discount) / Number(position.size);
}
