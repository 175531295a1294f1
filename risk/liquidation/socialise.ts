import { InvalidInputError } from '../errors.ts';
import { ceilDiv, WAD, type Wad } from '../units/wad.ts';

/** What a loss takes from the insurance fund and what is left for everybody. */
export interface LossSplit {
  readonly fromFundWad: Wad;
  readonly socialisedWad: Wad;
}

/** The fund pays first, down to nothing. */
export function coverLoss(lossWad: Wad, fundWad: Wad): LossSplit {
  const available = fundWad > 0n ? fundWad : 0n;
  const fromFundWad = lossWad < available ? lossWad : available;
  return { fromFundWad, socialisedWad: lossWad - fromFundWad };
}

/**
 * Loss per base unit when the holders of a perp, long and short alike, share it by size; rounded up so that all of it is
 * covered.
 * @throws InvalidInputError when nobody holds a position.
 */
export function perpLossPerBase(lossWad: Wad, longWad: Wad, shortWad: Wad, unit: Wad = 1n): Wad {
  const open = longWad + (shortWad < 0n ? -shortWad : shortWad);
  if (open <= 0n) throw new InvalidInputError('openInterest', 'must be positive');
  return ceilDiv(lossWad * WAD, open * unit) * unit;
}

/** Share of every deposit that is lost when depositors cover a bad loan; rounded up. */
export function depositLossShare(lossWad: Wad, depositsWad: Wad): Wad {
  if (depositsWad <= 0n) throw new InvalidInputError('deposits', 'must be positive');
  return ceilDiv(lossWad * WAD, depositsWad);
}

/** Withdrawal fee that shares an unpaid loss: loss / (deposits + loss). */
export function withdrawalFee(unpaid: number, deposits: number): number {
  return unpaid / (deposits + unpaid);
}
