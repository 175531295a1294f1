import { InvalidInputError } from '../../../risk/errors.ts';
import { seededUniform } from '../../../risk/statistics/sequence.ts';
import type { Side } from '../trailing-losses.ts';

/** Leverage is drawn between these, its logarithm uniform: as many accounts between 2 and 4 as between 10 and 20. */
export const LEAST_LEVERAGE = 2;
export const LARGEST_LEVERAGE = 20;
/** Hours after which an account closes by itself. */
export const HOLDING_HOURS = 720;

/** One levered account: one unit of notional at the price when it opens. */
export interface LeveredAccount {
  readonly side: Side;
  /** Row of the price path at whose close it opens. */
  readonly openRow: number;
  /** Own capital it would put up, as a share of notional: one over its leverage. */
  readonly capital: number;
}

/**
 * A book of accounts that open at random hours of the rows 0 .. rows - HOLDING_HOURS - 1, half of them long on average.
 * The same seed gives the same book for every margin.
 * @throws InvalidInputError when there are too few rows for one holding time, or no account is asked for.
 */
export function drawBook(count: number, rows: number, seed: number): LeveredAccount[] {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidInputError('accounts', `${count} is not a whole number above zero`);
  const openings = rows - HOLDING_HOURS;
  if (openings < 1)
    throw new InvalidInputError('range', `${rows} hours are too few for accounts of ${HOLDING_HOURS} hours`);
  const next = seededUniform(seed);
  const span = Math.log(LARGEST_LEVERAGE / LEAST_LEVERAGE);
  return Array.from({ length: count }, () => ({
    side: next() < 0.5 ? 'long' : 'short',
    openRow: Math.floor(next() * openings),
    capital: 1 / (LEAST_LEVERAGE * Math.exp(span * next())),
  }));
}
