import { MS_PER_HOUR } from '../../risk/units/time.ts';
import type { HourlyBar } from '../forecast.ts';
import { csvLines, parseNumber } from './csv-lines.ts';
import { DataFileError } from './errors.ts';

/** A candle of any step; `tsMs` is its OPEN, it is known only at `tsMs` + step. */
export type Candle = HourlyBar;

export const CANDLE_HEADER = 'ts,open,high,low,close,volume';

/** One line of a candle file, checked: prices positive, high and low enclosing open and close, volume not negative. */
export function parseCandle(file: string, line: number, text: string): Candle {
  const cells = text.split(',');
  if (cells.length !== 6) throw new DataFileError(file, line, `6 columns expected, found ${cells.length}`);
  const tsMs = parseNumber(file, line, 'ts', cells[0]);
  if (!Number.isSafeInteger(tsMs) || tsMs < 0)
    throw new DataFileError(file, line, `ts is not a time in milliseconds: ${tsMs}`);
  const open = parseNumber(file, line, 'open', cells[1]);
  const high = parseNumber(file, line, 'high', cells[2]);
  const low = parseNumber(file, line, 'low', cells[3]);
  const close = parseNumber(file, line, 'close', cells[4]);
  const volume = parseNumber(file, line, 'volume', cells[5]);
  if (low <= 0) throw new DataFileError(file, line, `low must be above zero: ${low}`);
  if (high < Math.max(open, close) || low > Math.min(open, close)) {
    throw new DataFileError(
      file,
      line,
      `high ${high} and low ${low} do not enclose open ${open} and close ${close}`,
    );
  }
  if (volume < 0) throw new DataFileError(file, line, `volume is negative: ${volume}`);
  return { tsMs, open, high, low, close, volume };
}

/**
 * Candles of a `.csv` or `.csv.gz` file, one at a time. Times must rise strictly: a duplicate is refused.
 * Throws DataFileError naming file and line.
 */
export async function* streamCandles(file: string): AsyncGenerator<Candle> {
  let previous = -1;
  for await (const { line, text } of csvLines(file, CANDLE_HEADER)) {
    const candle = parseCandle(file, line, text);
    if (candle.tsMs === previous) throw new DataFileError(file, line, `ts ${candle.tsMs} appears twice`);
    if (candle.tsMs < previous)
      throw new DataFileError(file, line, `ts ${candle.tsMs} is before the line above`);
    previous = candle.tsMs;
    yield candle;
  }
}

/** All candles of a file. */
export async function readCandles(file: string): Promise<Candle[]> {
  const candles: Candle[] = [];
  for await (const candle of streamCandles(file)) candles.push(candle);
  return candles;
}

/** All candles of an hourly file; a stamp that is not a full hour is refused with its line. */
export async function readHourlyBars(file: string): Promise<HourlyBar[]> {
  const bars: HourlyBar[] = [];
  for await (const bar of streamCandles(file)) {
    if (bar.tsMs % MS_PER_HOUR !== 0) {
      throw new DataFileError(file, bars.length + 2, `ts ${bar.tsMs} is not a full hour`);
    }
    bars.push(bar);
  }
  return bars;
}
