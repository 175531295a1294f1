import { describe, expect, test } from 'vitest';
import { demoExpiries, listedExpiries, quotedExpiries } from '../../../gateway/demo/surface.ts';

const at = (text: string) => Date.parse(text);
const days = (times: readonly number[]) => times.map((ms) => new Date(ms).toISOString().slice(0, 10));

describe('the expiries of the demo venue', () => {
  test('four Fridays are listed, the nearest two days away at least', () => {
    const tuesday = at('2025-07-01T13:00:00Z');
    expect(days(listedExpiries(tuesday))).toEqual(['2025-07-04', '2025-07-11', '2025-08-01', '2025-09-26']);
    const wednesday = at('2025-07-02T08:00:01Z');
    expect(days(listedExpiries(wednesday))).toEqual(['2025-07-11', '2025-07-18', '2025-08-08', '2025-10-03']);
  });

  test('what was listed once is quoted until it expires: books that hold it keep their price', () => {
    const quoted = new Set<number>();
    quotedExpiries(quoted, at('2025-07-01T13:00:00Z'));
    expect(days(quotedExpiries(quoted, at('2025-07-02T13:00:00Z')))).toEqual([
      '2025-07-04',
      '2025-07-11',
      '2025-07-18',
      '2025-08-01',
      '2025-08-08',
      '2025-09-26',
      '2025-10-03',
    ]);
    expect(days(quotedExpiries(quoted, at('2025-07-04T07:59:59Z')))[0]).toBe('2025-07-04');
    expect(days(quotedExpiries(quoted, at('2025-07-04T08:00:00Z')))[0]).toBe('2025-07-11');
  });

  test('a year of rolls never quotes more than the Fridays of its longest listing', () => {
    const quoted = new Set<number>();
    for (let hour = 0; hour < 24 * 365; hour += 6) {
      const now = at('2025-07-01T13:00:00Z') + hour * 3_600_000;
      const open = quotedExpiries(quoted, now);
      expect(open.length).toBeLessThanOrEqual(14);
      expect(Math.min(...open)).toBeGreaterThan(now);
      const view = { price: 60_000, volatility: 0.6, longRunVolatility: 0.55 };
      expect(demoExpiries(view, now, open).map(({ expiry }) => Date.parse(expiry))).toEqual(open);
    }
  });
});
