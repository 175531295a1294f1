import fc from 'fast-check';
import { expect, it } from 'vitest';
import { threeVoteMedian } from '../../../oracles/aggregation/three-vote.ts';
import { medianInterval } from '../../../oracles/aggregation/weighted-quantile.ts';

const voter = fc.record({
  price: fc.bigInt(-(10n ** 12n), 10n ** 12n),
  halfWidth: fc.bigInt(0n, 10n ** 9n),
  weight: fc.bigInt(1n, 5n),
});

/** Pyth's index arithmetic, written down a second time over votes repeated by weight. */
function byRepetition(voters: readonly { price: bigint; halfWidth: bigint; weight: bigint }[]) {
  const votes = voters.flatMap(({ price, halfWidth, weight }) =>
    Array.from({ length: Number(weight) }, () => [price - halfWidth, price, price + halfWidth]).flat(),
  );
  votes.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const n = votes.length;
  const middle = n % 2 === 1 ? votes[n >> 1]! : (votes[n / 2 - 1]! + votes[n / 2]!) >> 1n;
  const below = middle - votes[n >> 2]!;
  const above = votes[n - 1 - (n >> 2)]! - middle;
  return { price: middle, confidence: below > above ? below : above };
}

it('a weight counts as that many equal voters', () => {
  fc.assert(
    fc.property(fc.array(voter, { minLength: 1, maxLength: 12 }), (voters) => {
      expect(threeVoteMedian(voters)).toEqual(byRepetition(voters));
    }),
    { numRuns: 2000 },
  );
});

it('moves with the prices, scales with their unit, and forgets their order', () => {
  fc.assert(
    fc.property(
      fc.array(voter, { minLength: 1, maxLength: 9 }),
      fc.bigInt(-(10n ** 9n), 10n ** 9n),
      (voters, shift) => {
        const { price, confidence } = threeVoteMedian(voters);
        const moved = voters.map((entry) => ({ ...entry, price: entry.price + shift }));
        expect(threeVoteMedian(moved.reverse())).toEqual({ price: price + shift, confidence });
      },
    ),
    { numRuns: 500 },
  );
});

it('the median interval has at most half of the weight on either side', () => {
  fc.assert(
    fc.property(fc.array(voter, { minLength: 1, maxLength: 12 }), (voters) => {
      const values = voters.map(({ price, weight }) => ({ value: price, weight }));
      const { low, high } = medianInterval(values);
      const total = values.reduce((sum, { weight }) => sum + weight, 0n);
      const sum = (keep: (value: bigint) => boolean) =>
        values.reduce((part, { value, weight }) => (keep(value) ? part + weight : part), 0n);
      expect(low <= high).toBe(true);
      expect(2n * sum((value) => value < low) <= total).toBe(true);
      expect(2n * sum((value) => value > high) <= total).toBe(true);
    }),
    { numRuns: 500 },
  );
});
