import { expect, it } from 'vitest';
import { BarBuilder, MAX_GAP_MS } from '../../../gateway/engine/bar-builder.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';

const HOUR = 500_000 * MS_PER_HOUR;

/** Feeds one price every five minutes, wrapped so that the hour has a known open, high, low and close. */
function watch(builder: BarBuilder, hourMs: number, prices: readonly number[]) {
  return prices
    .map((price, index) => builder.add(hourMs + index * 300_000, price))
    .filter((bar) => bar !== null);
}

it('closes an hour with the first, highest, lowest and last price once the next hour begins', () => {
  const builder = new BarBuilder();
  expect(watch(builder, HOUR, [100, 104, 97, 101, 101, 101, 101, 101, 101, 101, 101, 102])).toEqual([]);
  expect(builder.add(HOUR + MS_PER_HOUR, 103)).toEqual({
    tsMs: HOUR,
    open: 100,
    high: 104,
    low: 97,
    close: 102,
    volume: 0,
  });
});

it('gives no candle for an hour that it did not see from the start', () => {
  const builder = new BarBuilder();
  for (let at = HOUR + MAX_GAP_MS + 1; at < HOUR + MS_PER_HOUR; at += 60_000) builder.add(at, 100);
  expect(builder.add(HOUR + MS_PER_HOUR, 100)).toBeNull();
});

it('gives no candle for an hour with a long silence at its end, and recovers in the next', () => {
  const builder = new BarBuilder();
  watch(builder, HOUR, [1, 1, 1]);
  const next = HOUR + MS_PER_HOUR;
  expect(watch(builder, next, Array(12).fill(2))).toEqual([]);
  expect(builder.add(next + MS_PER_HOUR, 3)?.tsMs).toBe(next);
});

it('ignores observations that go back in time or are not a price', () => {
  const builder = new BarBuilder();
  watch(builder, HOUR, Array(12).fill(10));
  expect(builder.add(HOUR, 1)).toBeNull();
  expect(builder.add(HOUR + 56 * 60_000, Number.NaN)).toBeNull();
  expect(builder.add(HOUR + MS_PER_HOUR, 10)).toMatchObject({ low: 10, high: 10 });
});
