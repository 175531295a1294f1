import { type AgedWidth, halfWidthNumber, halfWidthOf } from './half-width.ts';
import { resultOf, threeVoteMedian, type VoteResult } from './three-vote.ts';

/** Voters up to which insertion into place beats everything; more take the plain way. */
const MAX_VOTERS = 16;
/** Doubles closer than this share of the greatest number are compared again as bigints. */
const NEAR = 1e-14;
/** Units by which widths may be off as doubles, twice. */
const NEAR_UNITS = 4;
/** Cumulative weights closer than this share of the total to a threshold are added up again as bigints. */
const NEAR_WEIGHT = 1e-12;

/** Scratch of one vote at a time; nothing of it outlives a call. */
const keys = new Float64Array(3 * MAX_VOTERS);
const sortedKeys = new Float64Array(3 * MAX_VOTERS);
/** Sorted votes: voter + 0, 1 or 2 times `MAX_VOTERS` for p - c, p, p + c. */
const order = new Uint8Array(3 * MAX_VOTERS);
const VOTER = MAX_VOTERS - 1;

/** One voter: its price, exact and as a double, and its half width before age. */
export interface VoterColumn extends AgedWidth {
  readonly priceWad: bigint;
  readonly priceNumber: number;
}

/** A vote: who votes, and their positive integer weights, exact and as doubles. */
export interface VoteColumns {
  readonly voters: readonly { readonly candidate: VoterColumn }[];
  readonly weights: readonly bigint[];
  readonly weightNumbers: readonly number[];
}

function voteValue({ voters }: VoteColumns, vote: number): bigint {
  const { candidate } = voters[vote & VOTER]!;
  if (vote < MAX_VOTERS) return candidate.priceWad - halfWidthOf(candidate);
  return vote < 2 * MAX_VOTERS ? candidate.priceWad : candidate.priceWad + halfWidthOf(candidate);
}

/** Puts a vote in its place among the `size` that are sorted. */
function insert(columns: VoteColumns, vote: number, size: number, near: number): void {
  const key = keys[vote]!;
  let place = size;
  for (; place > 0; place -= 1) {
    const difference = key - sortedKeys[place - 1]!;
    if (difference > near) break;
    const before = order[place - 1]!;
    if (difference >= -near && voteValue(columns, before) <= voteValue(columns, vote)) break;
    order[place] = before;
    sortedKeys[place] = sortedKeys[place - 1]!;
  }
  order[place] = vote;
  sortedKeys[place] = key;
}

/** All lower votes first, then prices, then upper votes: nearly in order, so that few change places. */
function sortVotes(columns: VoteColumns): void {
  const { voters } = columns;
  let greatest = 0;
  for (let voter = 0; voter < voters.length; voter += 1) {
    const { candidate } = voters[voter]!;
    const price = candidate.priceNumber;
    const width = halfWidthNumber(candidate);
    greatest = Math.max(greatest, Math.abs(price) + Math.abs(width));
    keys[voter] = price - width;
    keys[voter + MAX_VOTERS] = price;
    keys[voter + 2 * MAX_VOTERS] = price + width;
  }
  const near = greatest * NEAR + NEAR_UNITS;
  let size = 0;
  for (let side = 0; side < 3; side += 1) {
    for (let voter = 0; voter < voters.length; voter += 1) {
      insert(columns, voter + side * MAX_VOTERS, size, near);
      size += 1;
    }
  }
}

/** Whether the exact weight of the votes `from` to `to` (inclusive, as sorted) times 4 exceeds `quarters` of all. */
function exceeds({ weights }: VoteColumns, from: number, to: number, quarters: bigint): boolean {
  let cumulative = 0n;
  let total = 0n;
  for (let at = from; at <= to; at += 1) cumulative += weights[order[at]! & VOTER]!;
  for (const weight of weights) total += 3n * weight;
  return 4n * cumulative > quarters * total;
}

/** First vote from the low end (or the high one) at which the cumulative weight exceeds so many quarters of all. */
function quantile(columns: VoteColumns, total: number, quarters: 1 | 2, fromBelow: boolean): number {
  const { weightNumbers } = columns;
  const last = 3 * weightNumbers.length - 1;
  const threshold = (total * quarters) / 4;
  const near = total * NEAR_WEIGHT;
  let cumulative = 0;
  for (let step = 0; step < last; step += 1) {
    const at = fromBelow ? step : last - step;
    cumulative += weightNumbers[order[at]! & VOTER]!;
    const excess = cumulative - threshold;
    if (excess < -near) continue;
    if (excess > near || exceeds(columns, fromBelow ? 0 : at, fromBelow ? at : last, BigInt(quarters))) {
      return order[at]!;
    }
  }
  return order[fromBelow ? last : 0]!;
}

/**
 * `threeVoteMedian` of columns, the same to the last digit and several times faster: doubles sort and weigh, and only
 * what they cannot tell apart, and the four votes that make the result, are worked out as bigints.
 */
export function fastThreeVotes(columns: VoteColumns): VoteResult {
  const { voters, weights, weightNumbers } = columns;
  if (voters.length > MAX_VOTERS) {
    return threeVoteMedian(
      voters.map(({ candidate }, index) => ({
        price: candidate.priceWad,
        halfWidth: halfWidthOf(candidate),
        weight: weights[index]!,
      })),
    );
  }
  sortVotes(columns);
  let total = 0;
  for (let voter = 0; voter < weightNumbers.length; voter += 1) total += 3 * weightNumbers[voter]!;
  const upper = quantile(columns, total, 2, false);
  const lower = quantile(columns, total, 2, true);
  const median = voteValue(columns, upper);
  return resultOf(
    median,
    lower === upper ? median : voteValue(columns, lower),
    voteValue(columns, quantile(columns, total, 1, true)),
    voteValue(columns, quantile(columns, total, 1, false)),
  );
}
