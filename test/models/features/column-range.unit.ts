import { describe, expect, it } from 'vitest';
import { ColumnRange } from '../../../models/features/column-range.ts';

describe('the range of columns', () => {
  it('excludes what lies more than a deviation beyond the extremes', () => {
    const range = new ColumnRange(2);
    // Column 0: 1, 2, 3, 6 has deviation sqrt(3.5) = 1.87; column 1 never moved: no fit uses it.
    for (const x of [1, 2, 3, 6]) range.add(Float64Array.of(x, 5));
    const excludes = (a: number, b: number) => range.excludes(Float64Array.of(a, b));
    expect([excludes(7.8, 5), excludes(7.9, 5), excludes(-0.8, 5), excludes(-0.9, 5)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([excludes(2, 5), excludes(2, 5.1)]).toEqual([false, false]);
    const copy = range.copy();
    range.add(Float64Array.of(100, 5));
    expect(copy.excludes(Float64Array.of(50, 5))).toBe(true);
    expect(excludes(50, 5)).toBe(false);
  });
});
