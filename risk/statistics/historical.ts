import { InvalidInputError } from '../errors.ts';

/** Quantile and expected shortfall of the same tail. */
export interface TailFigures {
  readonly quantile: number;
  readonly expectedShortfall: number;
}

/**
 * Historical simulation on PnLs (losses negative): sorted ascending, VaR_p = x[ceil(n p) - 1], ES_p = mean of the PnLs
 * <= that value. p = 0.01 is the loss tail; ES never exceeds VaR.
 * @throws InvalidInputError for no PnLs, NaN or p outside (0, 1].
 */
export function historicalTail(pnl: ArrayLike<number>, p: number): TailFigures {
  if (pnl.length === 0) throw new InvalidInputError('pnl', 'must not be empty');
  if (!(p > 0 && p <= 1)) throw new InvalidInputError('p', 'must be above 0 and at most 1');
  const sorted = Float64Array.from(pnl).sort();
  if (Number.isNaN(sorted[sorted.length - 1]!)) throw new InvalidInputError('pnl', 'must hold numbers only');
  // n p can come out a hair above a whole number; that hair is not another observation
  const index = Math.max(0, Math.ceil(sorted.length * p - 1e-9) - 1);
  const quantile = sorted[index]!;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < sorted.length && sorted[i]! <= quantile; i++) {
    sum += sorted[i]!;
    count++;
  }
  return { quantile, expectedShortfall: sum / count };
}

/**
 * Filtered historical simulation: each return is divided by the volatility forecast of its own time and multiplied by
 * today's, so that the sample speaks about now. `volatilities[i]` belongs to `returns[i]`.
 * @throws InvalidInputError when the lengths differ or a volatility is not positive.
 */
export function filteredReturns(
  returns: ArrayLike<number>,
  volatilities: ArrayLike<number>,
  today: number,
): Float64Array {
  if (returns.length !== volatilities.length) {
    throw new InvalidInputError('volatilities', 'must have one entry per return');
  }
  if (!(today > 0)) throw new InvalidInputError('today', 'must be positive');
  return Float64Array.from({ length: returns.length }, (_, i) => {
    const then = volatilities[i]!;
    if (!(then > 0)) throw new InvalidInputError(`volatilities[${i}]`, 'must be positive');
    return (returns[i]! / then) * today;
  });
}
