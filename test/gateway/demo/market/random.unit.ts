import { describe, expect, it } from 'vitest';
import { createRandom, xoshiro128StarStar } from '../../../../gateway/demo/market/random.ts';

describe('random numbers', () => {
  it('are those of the reference implementation of xoshiro128**', () => {
    // rand_xoshiro 0.6, src/xoshiro128starstar.rs: values of the authors' C program, version 1.1, state {1, 2, 3, 4}.
    const next = xoshiro128StarStar(Uint32Array.of(1, 2, 3, 4));
    expect(Array.from({ length: 10 }, next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('depend on seed and label and on nothing else', () => {
    const draw = (seed: number, label: string) => {
      const random = createRandom(seed, label);
      return [random.uniform(), random.normal(), random.exponential(), random.normal()];
    };
    expect(draw(7, 'a')).toEqual(draw(7, 'a'));
    const different = [
      draw(7, 'a'),
      draw(8, 'a'),
      draw(7, 'b'),
      draw(7 + 2 ** 32, 'a'),
      draw(0, ''),
      draw(0, 'a'),
    ];
    expect(new Set(different.map(String)).size).toBe(different.length);
  });

  it('have the moments of their laws', () => {
    const random = createRandom(3, 'moments');
    const count = 200_000;
    const moments = (draw: () => number) => {
      let [first, second, fourth] = [0, 0, 0];
      for (let k = 0; k < count; k++) {
        const x = draw();
        first += x / count;
        second += (x * x) / count;
        fourth += x ** 4 / count;
      }
      return { first, second, fourth };
    };
    const normal = moments(() => random.normal());
    expect(normal.first).toBeCloseTo(0, 1);
    expect(Math.abs(normal.second - 1)).toBeLessThan(0.02);
    expect(Math.abs(normal.fourth - 3)).toBeLessThan(0.15);
    const uniform = moments(() => random.uniform());
    expect(Math.abs(uniform.first - 1 / 2)).toBeLessThan(0.005);
    expect(Math.abs(uniform.second - 1 / 3)).toBeLessThan(0.005);
    const exponential = moments(() => random.exponential());
    expect(Math.abs(exponential.first - 1)).toBeLessThan(0.02);
    expect(Math.abs(exponential.second - 2)).toBeLessThan(0.06);
  });
});
