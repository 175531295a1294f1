import { type Candle, readCandles } from '../../../models/data/candle-file.ts';
import { resampleToHours } from '../../../models/data/resample.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import { MS_PER_HOUR, type UnixMs } from '../../../risk/units/time.ts';
import { parseCandleFileName } from './candle-file-name.ts';
import { lastAtOrBefore } from './candle-path.ts';
import { CandleFileNameError, day, NotEnoughHistoryError } from './errors.ts';
import type { Asset } from './source.ts';
import { monthsBefore, requireFullHour, requireMonths } from './span.ts';

/** One asset's candles, and the same as hourly bars. */
export interface ReplayedAsset {
  readonly file: string;
  readonly asset: Asset;
  readonly intervalMs: number;
  readonly candles: readonly Candle[];
  readonly hours: readonly HourlyBar[];
}

export interface ReplayData {
  readonly assets: readonly ReplayedAsset[];
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
  readonly months: number;
}

/** Share of the hours before the start that must have a bar; below it forecasts would rest on invented flat hours. */
const MINIMUM_COVERAGE = 0.9;
const MS_PER_DAY = 86_400_000;

/**
 * Reads candle files. The names tell the assets; the start is `startMs`, or else the first day at which every file
 * has `months` of history behind it.
 * @throws CandleFileNameError, NotEnoughHistoryError, DataFileError (unreadable lines), InvalidInputError (start, months)
 */
export async function readReplayData(
  files: readonly string[],
  options: { readonly startMs: UnixMs | null; readonly months: number },
): Promise<ReplayData> {
  requireMonths(options.months);
  if (files.length === 0) throw new InvalidInputError('--data', 'needs at least one file');
  const names = files.map(parseCandleFileName);
  names.forEach((name, index) => {
    const other = names.findIndex(({ asset }) => asset === name.asset);
    if (other < index)
      throw new CandleFileNameError(
        name.file,
        `holds ${name.asset} like ${names[other]!.file}; give one file per asset`,
      );
  });
  const assets: ReplayedAsset[] = [];
  for (const { file, asset, intervalMs } of names) {
    const candles = await readCandles(file);
    if (candles.length === 0) throw new CandleFileNameError(file, 'holds no candle');
    assets.push({ file, asset, intervalMs, candles, hours: hoursOf(file, candles, intervalMs) });
  }
  const endMs = Math.min(...assets.map(endOf));
  const startMs = options.startMs === null ? firstStart(assets, endMs, options.months) : options.startMs;
  requireFullHour(startMs, '--start');
  for (const asset of assets) checkHistory(asset, startMs, options.months);
  return { assets, startMs, endMs, months: options.months };
}

function hoursOf(file: string, candles: readonly Candle[], intervalMs: number): HourlyBar[] {
  try {
    return resampleToHours(candles, { stepMs: intervalMs });
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new CandleFileNameError(file, `its candles are not of the interval in its name: ${error.message}`);
  }
}

/** Bars of the `months` before `startMs`, and how many there would be without holes. */
export function historyBefore({ hours }: ReplayedAsset, startMs: UnixMs, months: number) {
  const fromMs = monthsBefore(startMs, months);
  const bars = hours.slice(lowerBound(hours, fromMs), lowerBound(hours, startMs));
  return { fromMs, bars, expected: (startMs - fromMs) / MS_PER_HOUR };
}

/** @throws NotEnoughHistoryError for the shortest file when none of the days that they share will do. */
function firstStart(assets: readonly ReplayedAsset[], endMs: UnixMs, months: number): UnixMs {
  const begins = assets.map((asset) => monthsBefore(beginOf(asset), -months));
  const earliest = Math.ceil(Math.max(...begins) / MS_PER_HOUR) * MS_PER_HOUR;
  for (let startMs = earliest; startMs < endMs; startMs += MS_PER_DAY) {
    if (assets.every((asset) => problemAt(asset, startMs, months) === null)) return startMs;
  }
  const shortest = assets.reduce((a, b) => (endOf(a) - beginOf(a) <= endOf(b) - beginOf(b) ? a : b));
  const there = ((endOf(shortest) - beginOf(shortest)) / (MS_PER_DAY * 30.4375)).toFixed(1);
  throw notEnough(
    shortest,
    `no day has ${months} months of history behind it and prices to replay; ` +
      `there are ${shortest.hours.length} hourly bars over ${there} months`,
  );
}

function beginOf({ hours, candles }: ReplayedAsset): UnixMs {
  return (hours[0] ?? candles[0]!).tsMs;
}

function endOf({ candles, intervalMs }: ReplayedAsset): UnixMs {
  return candles.at(-1)!.tsMs + intervalMs;
}

function notEnough(asset: ReplayedAsset, problem: string): NotEnoughHistoryError {
  return new NotEnoughHistoryError(asset.file, asset.candles[0]!.tsMs, endOf(asset), problem);
}

function checkHistory(asset: ReplayedAsset, startMs: UnixMs, months: number): void {
  const problem = problemAt(asset, startMs, months);
  if (problem !== null) throw notEnough(asset, problem);
}

function problemAt(asset: ReplayedAsset, startMs: UnixMs, months: number): string | null {
  const fromMs = monthsBefore(startMs, months);
  if (fromMs < beginOf(asset))
    return `${months} months of history are needed before ${day(startMs)}, from ${day(fromMs)} on`;
  if (startMs >= endOf(asset)) return `nothing is left to replay from ${day(startMs)} on`;
  const { bars, expected } = historyBefore(asset, startMs, months);
  if (bars.length >= MINIMUM_COVERAGE * expected) return null;
  return `only ${bars.length} of the ${expected} hours before ${day(startMs)} have a bar`;
}

/** Index of the first bar with ts >= time. */
function lowerBound(bars: readonly HourlyBar[], timeMs: UnixMs): number {
  if (bars.length === 0 || bars[0]!.tsMs >= timeMs) return 0;
  return lastAtOrBefore(bars, timeMs - 1) + 1;
}
