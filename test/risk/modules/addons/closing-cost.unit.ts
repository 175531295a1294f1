import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  costThroughDepth,
  costWithoutDepth,
  depthSteps,
} from '../../../../risk/modules/addons/closing-cost.ts';
import { wadFromDecimal as wad } from '../../../../risk/units/wad.ts';

const steps = [
  { distance: 0.001, notional: 1000 },
  { distance: 0.004, notional: 3000 },
];

describe('cost to close', () => {
  it('walks the depth, then grows with the square root', () => {
    expect(costThroughDepth(steps, 500)).toBeCloseTo(0.5, 12);
    expect(costThroughDepth(steps, 4000)).toBeCloseTo(1 + 12, 12);
    // beyond 4000: 0.004 sqrt(q / 4000); to 16000 that is 2/3 x 0.004 x (16000^1.5 - 4000^1.5) / sqrt(4000)
    const beyond = ((2 / 3) * 0.004 * (16_000 ** 1.5 - 4000 ** 1.5)) / Math.sqrt(4000);
    expect(costThroughDepth(steps, 16_000)).toBeCloseTo(13 + beyond, 9);
    let sum = 0;
    for (let q = 4000.5; q < 16_000; q++) sum += 0.004 * Math.sqrt(q / 4000);
    expect(costThroughDepth(steps, 16_000)).toBeCloseTo(13 + sum, 4);
    expect(costWithoutDepth({ spread: 0.002, impact: 0.1, depth: 1e6 }, 40_000)).toBeCloseTo(80 + 800, 9);
  });

  it('is convex and continuous, and an odd book never makes it cheaper', () => {
    const amount = fc.double({ min: 1, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const middle = costThroughDepth(steps, (a + b) / 2);
        const ends = (costThroughDepth(steps, a) + costThroughDepth(steps, b)) / 2;
        expect(middle).toBeLessThanOrEqual(ends * (1 + 1e-12) + 1e-9);
      }),
    );
    const level = (price_: string, size: string) => ({ priceWad: wad(price_), sizeWad: wad(size) });
    const odd = [
      level('101', '1'),
      level('100', '2'),
      level('0', '5'),
      level('95', '-1'),
      level('99.9', '3'),
    ];
    expect(depthSteps(odd, 100, 0.002, (size) => size * 100)).toEqual([
      { distance: expect.closeTo(0.01, 12), notional: 100 },
      { distance: expect.closeTo(0.01, 12), notional: 200 },
      { distance: expect.closeTo(0.01, 12), notional: 300 },
    ]);
  });
});
