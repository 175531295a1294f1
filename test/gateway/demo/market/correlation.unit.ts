import { describe, expect, it } from 'vitest';
import { cholesky } from '../../../../gateway/demo/market/correlation.ts';

describe('cholesky', () => {
  it('gives a lower triangle whose square is the matrix', () => {
    const matrix = [
      [1, 0.81, 0.7],
      [0.81, 1, 0.7],
      [0.7, 0.7, 1],
    ];
    const lower = cholesky(matrix);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const product = lower[i]!.reduce((sum, value, k) => sum + value * lower[j]![k]!, 0);
        expect(product).toBeCloseTo(matrix[i]![j]!, 12);
        if (j > i) expect(lower[i]![j]).toBe(0);
      }
    }
  });

  it.each([
    [
      [
        [1, 0.5],
        [0.4, 1],
      ],
      'correlation: must be symmetric',
    ],
    [
      [
        [1, 1],
        [1, 1],
      ],
      'correlation: must be positive definite',
    ],
    [[[2]], 'correlation: must have ones on its diagonal'],
    [
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      'correlation: must be square',
    ],
  ])('refuses %j', (matrix, message) => {
    expect(() => cholesky(matrix)).toThrow(message);
  });
});
