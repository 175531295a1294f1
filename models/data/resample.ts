import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import type { HourlyBar } from '../forecast.ts';
import type { Candle } from './candle-file.ts';

export interface ResampleOptions {
  /** Step of the candles given; must divide an hour. */
  readonly stepMs: number;
  /** Share of an hour's candles that must be there for the hour to count; a thin venue writes none without a trade. */
  readonly minimumShare?: number;
}

/**
 * Hourly bars from finer candles (5 or 15 minutes). An hour with fewer than `minimumShare` (default one half) of its
 * candles is missing, and so is the last hour until its last candle is there: it is not over yet.
 */
export function resampleToHours(candles: readonly Candle[], options: ResampleOptions): HourlyBar[] {
  const { stepMs, minimumShare = 0.5 } = options;
  if (!(stepMs > 0) || MS_PER_HOUR % stepMs !== 0)
    throw new InvalidInputError('stepMs', `${stepMs} does not divide an hour`);
  if (!(minimumShare >= 0 && minimumShare <= 1))
    throw new InvalidInputError('minimumShare', 'must be between 0 and 1');
  const needed = Math.max(1, Math.ceil((minimumShare * MS_PER_HOUR) / stepMs));
  const bars: HourlyBar[] = [];
  let from = 0;
  for (let at = 0; at < candles.length; at++) {
    const candle = candles[at]!;
    if (candle.tsMs % stepMs !== 0)
      throw new InvalidInputError(`candles[${at}].tsMs`, `${candle.tsMs} is not on the step`);
    const next = candles[at + 1];
    if (next !== undefined && next.tsMs <= candle.tsMs)
      throw new InvalidInputError(`candles[${at + 1}].tsMs`, 'must rise');
    const hour = Math.floor(candle.tsMs / MS_PER_HOUR);
    if (next !== undefined && Math.floor(next.tsMs / MS_PER_HOUR) === hour) continue;
    const over = next !== undefined || candle.tsMs + stepMs === (hour + 1) * MS_PER_HOUR;
    if (over && at + 1 - from >= needed) bars.push(merge(candles, from, at, hour * MS_PER_HOUR));
    from = at + 1;
  }
  return bars;
}

function merge(candles: readonly Candle[], from: number, to: number, tsMs: number): HourlyBar {
  let high = 0;
  let low = Number.POSITIVE_INFINITY;
  let volume = 0;
  for (let at = from; at <= to; at++) {
    const candle = candles[at]!;
    high = Math.max(high, candle.high);
    low = Math.min(low, candle.low);
    volume += candle.volume;
  }
  return { tsMs, open: candles[from]!.open, high, low, close: candles[to]!.close, volume };
}
