import { expect, it } from 'vitest';
import { median } from '../../../oracles/reducers/medians.ts';

it('takes the middle, of an even number the mean of both, of nothing none', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([5])).toBe(5);
  expect(median([])).toBeNull();
});
