import { expect, it } from 'vitest';
import { CandleFeed } from '../../../gateway/engine/candle-feed.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';

const HOUR = 480_000 * MS_PER_HOUR;
const bar = (tsMs: number, close: number): HourlyBar => ({
  tsMs,
  open: close,
  high: close,
  low: close,
  close,
  volume: 1,
});

function price(asOfMs: number, value: string, usable = true): RobustPrice {
  const verdict = { usable, reasons: [] };
  const verdicts = { open: verdict, margin: verdict, liquidate: verdict };
  const market = {
    feedId: 'ETH-USD',
    priceWad: wadFromDecimal(value),
    confidenceWad: 1n,
    confidenceScore: 1,
    publishTimeMs: asOfMs,
    verdicts,
  };
  return {
    feedId: 'ETH-USD',
    base: 'ETH',
    quoteAsset: 'USD',
    asOfMs,
    market,
    verdicts,
    votes: [],
    configHash: '',
  };
}

/** Twelve prices in the hour, five minutes apart. */
function watch(feed: CandleFeed, hourMs: number, value: string, usable = true) {
  for (let i = 0; i < 12; i++) feed.observe('ETH', price(hourMs + i * 300_000, value, usable));
}

it('gives the history first, then the bars built from live prices, without a gap or a repeat', () => {
  const history = [bar(HOUR - 2 * MS_PER_HOUR, 10), bar(HOUR - MS_PER_HOUR, 11)];
  const feed = new CandleFeed(['ETH'], new Map([['ETH', history]]));
  expect(feed.newBars('ETH', null)).toEqual(history);
  watch(feed, HOUR, '12');
  watch(feed, HOUR + MS_PER_HOUR, '13');
  expect(feed.newBars('ETH', null).map(({ tsMs, close }) => [tsMs - HOUR, close])).toEqual([
    [-2 * MS_PER_HOUR, 10],
    [-MS_PER_HOUR, 11],
    [0, 12],
  ]);
  expect(feed.newBars('ETH', HOUR)).toHaveLength(1);
  expect(feed.newBars('ETH', HOUR + MS_PER_HOUR)).toEqual([]);
});

it('builds nothing from prices that may not be used for margin, or of an asset it does not follow', () => {
  const feed = new CandleFeed(['ETH'], new Map());
  watch(feed, HOUR, '12', false);
  feed.observe('ETH', price(HOUR + MS_PER_HOUR, '13'));
  feed.observe('DOGE', price(HOUR + MS_PER_HOUR, '13'));
  expect(feed.newBars('ETH', null)).toEqual([]);
  expect(feed.newBars('DOGE', null)).toEqual([]);
});

it('does not let a live bar stand beside one of the history for the same hour', () => {
  const feed = new CandleFeed(['ETH'], new Map([['ETH', [bar(HOUR, 10)]]]));
  watch(feed, HOUR, '12');
  watch(feed, HOUR + MS_PER_HOUR, '13');
  expect(feed.newBars('ETH', null)).toEqual([bar(HOUR, 10)]);
});
