import type { UnixMs } from '../../risk/units/time.ts';
import { csvLines, parseNumber } from './csv-lines.ts';
import { DataFileError } from './errors.ts';

/** One paid funding rate (fraction of notional, not annualised); known from `tsMs` on. */
export interface FundingPayment {
  readonly tsMs: UnixMs;
  readonly rate: number;
}

export const FUNDING_HEADER = 'ts,rate';

/** Payments of a `.csv` or `.csv.gz` file, times strictly rising. Throws DataFileError naming file and line. */
export async function readFunding(file: string): Promise<FundingPayment[]> {
  const payments: FundingPayment[] = [];
  let previous = -1;
  for await (const { line, text } of csvLines(file, FUNDING_HEADER)) {
    const cells = text.split(',');
    if (cells.length !== 2) throw new DataFileError(file, line, `2 columns expected, found ${cells.length}`);
    const tsMs = parseNumber(file, line, 'ts', cells[0]);
    const rate = parseNumber(file, line, 'rate', cells[1]);
    if (!Number.isSafeInteger(tsMs) || tsMs < 0)
      throw new DataFileError(file, line, `ts is not a time in milliseconds: ${tsMs}`);
    if (tsMs <= previous) throw new DataFileError(file, line, `ts ${tsMs} does not rise above ${previous}`);
    if (Math.abs(rate) > 1) throw new DataFileError(file, line, `rate ${rate} is above 100 %`);
    previous = tsMs;
    payments.push({ tsMs, rate });
  }
  return payments;
}
