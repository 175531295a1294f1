import { floorDiv } from '../../risk/units/wad.ts';
import {
  quantileFromAbove,
  quantileFromBelow,
  sortByValue,
  type WeightedValue,
} from './weighted-quantile.ts';

/** One voter: a price with its half width and a positive integer weight, all prices in one unit. */
export interface Voter {
  readonly price: bigint;
  readonly halfWidth: bigint;
  readonly weight: bigint;
}

export interface VoteResult {
  readonly price: bigint;
  readonly confidence: bigint;
}

/**
 * Pyth's aggregation rule: every voter casts p - c, p and p + c; the price is the median of all votes (the floor of
 * the mean of the two middle ones), the confidence the greater distance from it to the quartiles. With equal weights
 * this is Pyth's index arithmetic exactly; weights generalise it through cumulative weight. Needs at least one voter.
 */
export function threeVoteMedian(voters: readonly Voter[]): VoteResult {
  const votes: WeightedValue[] = [];
  let total = 0n;
  for (const { price, halfWidth, weight } of voters) {
    votes.push(
      { value: price - halfWidth, weight },
      { value: price, weight },
      { value: price + halfWidth, weight },
    );
    total += 3n * weight;
  }
  const sorted = sortByValue(votes);
  return resultOf(
    quantileFromAbove(sorted, total, 1n, 2n),
    quantileFromBelow(sorted, total, 1n, 2n),
    quantileFromBelow(sorted, total, 1n, 4n),
    quantileFromAbove(sorted, total, 1n, 4n),
  );
}

export function resultOf(
  upperMedian: bigint,
  lowerMedian: bigint,
  lowerQuartile: bigint,
  upperQuartile: bigint,
): VoteResult {
  const price = upperMedian === lowerMedian ? upperMedian : floorDiv(upperMedian + lowerMedian, 2n);
  const below = price - lowerQuartile;
  const above = upperQuartile - price;
  return { price, confidence: below > above ? below : above };
}
