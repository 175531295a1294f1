import { describe, expect, it } from 'vitest';
import { evaluateFit, NormalEquations } from '../../../models/baselines/normal-equations.ts';
import { seededUniform } from '../../../risk/statistics/sequence.ts';

describe('least squares and ridge', () => {
  it('agrees with a line fitted by hand', () => {
    const equations = new NormalEquations(1);
    // x = 1..4, y = 2, 3, 5, 6: slope 1.4, intercept 0.5
    for (const [x, y] of [
      [1, 2],
      [2, 3],
      [3, 5],
      [4, 6],
    ] as const)
      equations.add(Float64Array.of(x), 0, 0, y);
    const fit = equations.solve();
    expect(fit.coefficients[0]).toBeCloseTo(1.4, 13);
    expect(fit.intercept).toBeCloseTo(0.5, 13);
    // Ridge on the standardised column: slope n / (n + penalty) of it, through the means (2.5, 4).
    const ridge = equations.solve(1);
    expect(ridge.coefficients[0]).toBeCloseTo((1.4 * 4) / 5, 13);
    expect(ridge.intercept).toBeCloseTo(4 - 2.5 * 1.12, 13);
  });

  it('recovers a known plane far from the origin', () => {
    const next = seededUniform(5);
    const equations = new NormalEquations(3);
    for (let i = 0; i < 200; i++) {
      const x = Float64Array.of(1e4 + next(), -30 + 5 * next(), 1e-6 * next());
      equations.add(x, 0, 0, 7 - 2 * x[0]! + 0.5 * x[1]! + 3e5 * x[2]!);
    }
    const fit = equations.solve();
    expect(fit.coefficients[0]).toBeCloseTo(-2, 8);
    expect(fit.coefficients[1]).toBeCloseTo(0.5, 8);
    expect(fit.coefficients[2]! / 3e5).toBeCloseTo(1, 8);
    expect(fit.intercept).toBeCloseTo(7, 3);
  });

  it('gives cells the effects that dummies written out would get', () => {
    const next = seededUniform(9);
    const withCells = new NormalEquations(2, 3);
    const writtenOut = new NormalEquations(4);
    for (let i = 0; i < 120; i++) {
      const cell = Math.floor(next() * 3);
      const [a, b] = [next() + cell, next()];
      const y = 1 + 2 * a - b + [0, 0.4, -0.7][cell]! + 0.1 * next();
      withCells.add(Float64Array.of(a, b), 0, cell, y);
      writtenOut.add(Float64Array.of(a, b, cell === 1 ? 1 : 0, cell === 2 ? 1 : 0), 0, 0, y);
    }
    for (const penalty of [0, 1, 25]) {
      const left = withCells.solve(penalty);
      const right = writtenOut.solve(penalty);
      expect([...left.coefficients, ...left.cellEffects.slice(1)]).toEqual(
        [...right.coefficients].map((value) => expect.closeTo(value, 11)),
      );
      const x = Float64Array.of(0.3, 0.8, 0, 1);
      expect(evaluateFit(left, x, 0, 2)).toBeCloseTo(evaluateFit(right, x, 0, 0), 11);
    }
  });

  it('gives no weight to a constant or a repeated column', () => {
    const equations = new NormalEquations(3);
    for (let i = 0; i < 10; i++) equations.add(Float64Array.of(i, 5, i), 0, 0, 3 * i + 1);
    const fit = equations.solve();
    expect(fit.coefficients[0]).toBeCloseTo(3, 12);
    expect([fit.coefficients[1], fit.coefficients[2]]).toEqual([0, 0]);
    expect(fit.intercept).toBeCloseTo(1, 10);
  });
});
