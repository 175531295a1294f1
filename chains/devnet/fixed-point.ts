import { InvalidInputError } from '../../risk/errors.ts';
import { PRICE_DECIMALS } from './assets.ts';

/** Largest price whose 8 decimals a double still holds exactly. */
const MAX_PRICE = Number.MAX_SAFE_INTEGER / 10 ** PRICE_DECIMALS;

/**
 * A price in US dollars as Chainlink and Pyth write it on chain, with 8 decimals, rounded to nearest.
 * @throws InvalidInputError
 */
export function fixedPointPrice(price: number, field: string): bigint {
  if (!Number.isFinite(price) || price <= 0 || price > MAX_PRICE) {
    throw new InvalidInputError(field, `must be a number above 0 and at most ${Math.floor(MAX_PRICE)}`);
  }
  const fixed = BigInt(Math.round(price * 10 ** PRICE_DECIMALS));
  if (fixed === 0n) throw new InvalidInputError(field, 'is below the smallest price of the feed, 1e-8');
  return fixed;
}
