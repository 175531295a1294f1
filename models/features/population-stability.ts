/** Counts below this say too little about shares. */
const HALF = 0.5;

/**
 * Population stability index of `counts` against `expected` shares of the same bins: the sum of (share - expected) ln(share /
 * expected), with half a count in every bin so that empty ones do not make it infinite. 0 when they agree.
 */
export function populationStability(expected: ArrayLike<number>, counts: ArrayLike<number>): number {
  const bins = expected.length;
  let total = 0;
  for (let b = 0; b < bins; b++) total += counts[b]! + HALF;
  let sum = 0;
  for (let b = 0; b < bins; b++) {
    const share = (counts[b]! + HALF) / total;
    sum += (share - expected[b]!) * Math.log(share / expected[b]!);
  }
  return sum;
}

/** Bin of a value: how many of the ascending `edges` lie below it. */
export function binOf(edges: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
