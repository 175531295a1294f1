import { describe, expect, it } from 'vitest';
import { freshnessProblem, type Observation } from '../../../ops/chaos/freshness.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();
/** Rises by a dollar a second. */
const priceAt = (_: string, second: number) => 3_000 + (second - NOW / 1000);
const seen: Observation = { sentMs: NOW - 100, receivedMs: NOW, offsetMs: 0, deafSinceMs: null };
const answer = (over: { asOf?: number; price?: string | null; published?: number; offset?: number } = {}) => {
  const { asOf = 1, price = '2999', published = 1, offset = 0 } = over;
  return {
    asOf: at(asOf - offset),
    validUntil: at(asOf - 30 - offset),
    prices: [{ feed: 'ETH-USD', price, publishTime: at(published) }],
  };
};

describe('an answer that claims to be current', () => {
  it('passes when it is', () => {
    expect(freshnessProblem(answer(), seen, priceAt)).toBeNull();
    expect(freshnessProblem(answer({ offset: 300 }), { ...seen, offsetMs: 300_000 }, priceAt)).toBeNull();
    expect(freshnessProblem(answer(), { ...seen, deafSinceMs: NOW - 500 }, priceAt)).toBeNull();
  });

  it.each([
    ['asOf lies ahead', answer({ asOf: -10 }), seen, 'lies ahead'],
    ['validUntil has passed', answer({ asOf: 40 }), seen, 'had passed'],
    ['its clock is ahead and nobody knows', answer({ offset: 300 }), seen, 'lies ahead'],
    ['the price is old', answer({ published: 70 }), seen, 'published 70 s ago'],
    ['the price is of the future', answer({ published: -10 }), seen, 'in the future'],
    ['there is no price', answer({ price: null }), seen, 'without a price'],
    ['the price is none of the market', answer({ price: '2900' }), seen, 'is outside of'],
    [
      'no source was heard for long',
      answer(),
      { ...seen, deafSinceMs: NOW - 70_000 },
      'no source was heard for 70 s',
    ],
    [
      'the price came after its sources were cut off',
      answer(),
      { ...seen, deafSinceMs: NOW - 20_000 },
      'after its sources were cut off',
    ],
  ])('fails when %s', (_, given, observation, problem) => {
    expect(freshnessProblem(given, observation, priceAt)).toContain(problem);
  });
});
