import type { UnixMs } from '../../../risk/units/time.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import type { HourlyBar } from '../../forecast.ts';

/** Why bars of an answer were left out; the hours are missing then. */
export interface LeftOut {
  /** Prices that are no prices, or high and low that do not enclose open and close; stamps that are no hours. */
  readonly malformed: number;
  /** Hours given twice with different figures: neither is believed. */
  readonly contradictory: number;
}

export interface CleanBars {
  readonly bars: readonly HourlyBar[];
  readonly leftOut: LeftOut;
}

/**
 * Bars of an answer in order, each hour once, within [fromMs, toMs): what lies outside was not asked for. A wrong bar is left
 * out and counted, never mended: the gap rules treat a missing hour, nothing treats a wrong range.
 */
export function cleanBars(answer: readonly HourlyBar[], fromMs: UnixMs, toMs: UnixMs): CleanBars {
  let malformed = 0;
  const seen = new Map<UnixMs, HourlyBar | null>();
  for (const bar of answer) {
    if (bar.tsMs < fromMs || bar.tsMs >= toMs) continue;
    if (!isBar(bar)) {
      malformed += 1;
      continue;
    }
    const before = seen.get(bar.tsMs);
    if (before === undefined) seen.set(bar.tsMs, bar);
    else if (before !== null && !same(before, bar)) seen.set(bar.tsMs, null);
  }
  const all = [...seen.values()];
  const bars = all.filter((bar) => bar !== null).sort((a, b) => a.tsMs - b.tsMs);
  return { bars, leftOut: { malformed, contradictory: all.length - bars.length } };
}

function isBar({ tsMs, open, high, low, close, volume }: HourlyBar): boolean {
  return (
    Number.isSafeInteger(tsMs) &&
    tsMs % MS_PER_HOUR === 0 &&
    [open, high, low, close].every((price) => price > 0 && Number.isFinite(price)) &&
    high >= Math.max(open, close) &&
    low <= Math.min(open, close) &&
    volume >= 0 &&
    Number.isFinite(volume)
  );
}

function same(a: HourlyBar, b: HourlyBar): boolean {
  return (['open', 'high', 'low', 'close', 'volume'] as const).every((field) => a[field] === b[field]);
}
