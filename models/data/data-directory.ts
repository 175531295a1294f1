import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '../../risk/errors.ts';
import type { HourlyBar } from '../forecast.ts';
import { readHourlyBars } from './candle-file.ts';
import { type FundingPayment, readFunding } from './funding-file.ts';

/** Hourly candles and, where a file is there, funding payments of one asset. */
export interface AssetData {
  readonly asset: string;
  readonly file: string;
  readonly bars: readonly HourlyBar[];
  readonly funding: readonly FundingPayment[] | null;
}

const CANDLE_NAMES = [
  'binance_spot_{A}USDT_1h.csv.gz',
  'binance_perp_{A}USDT_1h.csv.gz',
  '{A}.csv.gz',
  '{A}.csv',
] as const;

/**
 * Data of an asset: `BTC` finds its candle file in `dir` by name, `NAME=FILE` names any candle file (relative to
 * `dir` or absolute). Throws InvalidInputError naming the files looked for.
 */
export async function loadAsset(dir: string, argument: string): Promise<AssetData> {
  const [asset, named] = argument.split('=', 2) as [string, string | undefined];
  if (!/^[A-Za-z0-9._-]+$/.test(asset))
    throw new InvalidInputError('assets', `"${argument}" is not NAME or NAME=FILE`);
  const names = named === undefined ? CANDLE_NAMES.map((name) => name.replace('{A}', asset)) : [named];
  const file = names.flatMap((name) => [join(dir, name), name]).find((path) => existsSync(path));
  if (file === undefined) {
    throw new InvalidInputError(
      'assets',
      `no candle file for ${asset} in ${dir}: looked for ${names.join(', ')}`,
    );
  }
  const fundingFile = join(dir, `binance_perp_${asset}USDT_funding.csv.gz`);
  return {
    asset,
    file,
    bars: await readHourlyBars(file),
    funding: existsSync(fundingFile) ? await readFunding(fundingFile) : null,
  };
}
