import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fastThreeVotes } from '../../../oracles/aggregation/fast-vote.ts';
import { publishTimeOf } from '../../../oracles/aggregation/publish-time.ts';
import { threeVoteMedian } from '../../../oracles/aggregation/three-vote.ts';
import { isBeyond } from '../../../oracles/guards/history.ts';
import { exceeds } from '../../../oracles/guards/reason.ts';

/*
 * Where doubles decide, they must decide as bigints do: prices that differ in their last digit, weights that tie, and
 * limits that are met exactly are what could go wrong.
 */
const BASE = 60_000n * 10n ** 18n;
const nearby = fc.oneof(
  fc.bigInt(-3n, 3n),
  fc.bigInt(-(10n ** 4n), 10n ** 4n),
  fc.bigInt(-(10n ** 21n), 10n ** 21n),
);
const price = nearby.map((offset) => BASE + offset);
const halfWidth = fc.oneof(fc.bigInt(1n, 4n), fc.bigInt(1n, 10n ** 20n));
/** Shares of groups as they occur: whole, halves and thirds of a unit, the odd one with what is left. */
const weight = fc.constantFrom(
  10n ** 15n,
  5n * 10n ** 14n,
  333_333_333_333_333n,
  333_333_333_333_334n,
  2n * 10n ** 24n,
  1n,
);

it('the fast vote is the plain one, to the last digit', () => {
  const plan = { maxAgeMs: 60_000.4, wholeMaxAgeMs: 60_000n };
  const age = fc.constantFrom(0, 1, 999, 20_000, 60_000);
  const voter = fc.record({ price, halfWidth, weight, age });
  fc.assert(
    fc.property(fc.array(voter, { minLength: 1, maxLength: 18 }), (voters) => {
      const weights = voters.map((each) => each.weight);
      const columns = {
        voters: voters.map(({ price: priceWad, halfWidth, age }) => {
          const width = {
            ownHalfWidthWad: halfWidth,
            ownHalfWidthNumber: Number(halfWidth),
            wholeAgeMs: age,
          };
          return { candidate: { plan, priceWad, priceNumber: Number(priceWad), ...width } };
        }),
        weights,
        weightNumbers: weights.map(Number),
      };
      const aged = voters.map((each) => ({
        ...each,
        halfWidth: (each.halfWidth * BigInt(60_000 + each.age)) / 60_000n,
      }));
      expect(fastThreeVotes(columns)).toEqual(threeVoteMedian(aged));
    }),
    { numRuns: 3000 },
  );
});

it('limits are met exactly', () => {
  const ppm = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 30_000n));
  fc.assert(
    fc.property(price, ppm, fc.bigInt(-2n, 2n), (whole, limit, offset) => {
      const part = (whole * limit) / 1_000_000n + offset;
      expect(exceeds(part, whole, limit)).toBe(part * 1_000_000n > whole * limit);
      const [other, bps] = [whole + part, Number(limit) / 100];
      const [small, large] = other < whole ? [other, whole] : [whole, other];
      expect(isBeyond(whole, other, bps)).toBe((large - small) * 1_000_000n > small * limit);
    }),
    { numRuns: 3000 },
  );
});

it('half of the vote is half of it exactly', () => {
  const vote = fc.record({ publishTimeMs: fc.nat({ max: 4 }), weight });
  fc.assert(
    fc.property(fc.array(vote, { minLength: 1, maxLength: 9 }), (votes) => {
      const total = votes.reduce((sum, each) => sum + each.weight, 0n);
      const shares = votes.map((each) => Number(each.weight) / Number(total));
      const weights = votes.map((each) => each.weight);
      const voters = votes.map((candidate) => ({ candidate }));
      const since = (time: number) =>
        votes.reduce((sum, each) => (each.publishTimeMs >= time ? sum + each.weight : sum), 0n);
      const expected = [4, 3, 2, 1, 0].find((time) => since(time) * 2n >= total);
      expect(publishTimeOf(voters, shares, weights)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
