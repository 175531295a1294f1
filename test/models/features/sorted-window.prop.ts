import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedWindow } from '../../../models/features/sorted-window.ts';

describe('the sorted window', () => {
  it('holds what sorting the last values anew would give', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN)), { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (capacity, values, p) => {
          const window = new SortedWindow(capacity);
          for (const value of values) window.push(value);
          const last = values.slice(-capacity).filter((value) => !Number.isNaN(value));
          last.sort((a, b) => a - b);
          expect(window.size).toBe(last.length);
          for (let x = -4; x <= 4; x++) {
            expect(window.countAtOrBelow(x)).toBe(last.filter((value) => value <= x).length);
          }
          if (last.length === 0) {
            expect(window.quantile(p)).toBeNaN();
            return;
          }
          const position = p * (last.length - 1);
          const low = last[Math.floor(position)]!;
          const high = last[Math.ceil(position)]!;
          expect(window.quantile(p)).toBeCloseTo(low + (high - low) * (position - Math.floor(position)), 9);
        },
      ),
    );
  });
});
