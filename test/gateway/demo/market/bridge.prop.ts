import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { garmanKlass, intrabarPath } from '../../../../gateway/demo/market/bridge.ts';
import { createRandom } from '../../../../gateway/demo/market/random.ts';

const candle = fc
  .tuple(
    fc.double({ min: 1e-4, max: 1e6, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 2, noNaN: true }),
  )
  .map(([low, openAt, closeAt, width]) => {
    const high = low * (1 + width);
    const within = (part: number) => Math.min(high, Math.max(low, low + part * (high - low)));
    return { low, high, open: within(openAt), close: within(closeAt) };
  });

describe('intrabarPath', () => {
  it('touches open, high, low and close exactly and stays inside, whatever the candle', () => {
    fc.assert(
      fc.property(candle, fc.integer({ min: 4, max: 400 }), fc.nat(), (bar, points, seed) => {
        const path = intrabarPath(bar, points, createRandom(seed, 'path'));
        expect(path.length).toBe(points);
        expect(path[0]).toBe(bar.open);
        expect(path[points - 1]).toBe(bar.close);
        expect(Math.max(...path)).toBe(bar.high);
        expect(Math.min(...path)).toBe(bar.low);
      }),
    );
  });

  it('moves about as much as the candle says', () => {
    const bar = { open: 100, high: 101.2, low: 99.1, close: 100.6 };
    let squares = 0;
    for (let seed = 0; seed < 200; seed++) {
      const path = intrabarPath(bar, 3600, createRandom(seed, 'path'));
      for (let k = 1; k < path.length; k++) squares += Math.log(path[k]! / path[k - 1]!) ** 2 / 200;
    }
    expect(squares / garmanKlass(bar)).toBeGreaterThan(0.9);
    expect(squares / garmanKlass(bar)).toBeLessThan(1.15);
  });

  it('sees the low first more often when the candle rises, and the high first when it falls', () => {
    const lowFirst = (bar: Parameters<typeof intrabarPath>[0]) => {
      let count = 0;
      for (let seed = 0; seed < 1000; seed++) {
        const path = intrabarPath(bar, 60, createRandom(seed, 'order'));
        if (path.indexOf(bar.low) < path.indexOf(bar.high)) count += 1;
      }
      return count / 1000;
    };
    expect(Math.abs(lowFirst({ open: 100, high: 103, low: 99, close: 102 }) - 0.7)).toBeLessThan(0.05);
    expect(Math.abs(lowFirst({ open: 102, high: 103, low: 99, close: 100 }) - 0.3)).toBeLessThan(0.05);
  });

  it('refuses too few points and a range that does not enclose', () => {
    const random = createRandom(1, 'x');
    expect(() => intrabarPath({ open: 1, high: 1, low: 1, close: 1 }, 3, random)).toThrow('points: ');
    expect(() => intrabarPath({ open: 2, high: 1, low: 1, close: 1 }, 9, random)).toThrow(
      'bar: high and low',
    );
  });
});
