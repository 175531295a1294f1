import { dirname, resolve } from 'node:path';
import { readHourlyBars } from '../../models/data/candle-file.ts';
import type { HourlyBar } from '../../models/forecast.ts';

/**
 * Reads the candle files that a network file names by asset, with paths relative to that file.
 * @throws DataFileError naming file and line
 */
export async function readHistory(
  files: Readonly<Record<string, string>>,
  networkFile: string,
): Promise<ReadonlyMap<string, readonly HourlyBar[]>> {
  const history = new Map<string, readonly HourlyBar[]>();
  for (const [asset, file] of Object.entries(files)) {
    history.set(asset, await readHourlyBars(resolve(dirname(networkFile), file)));
  }
  return history;
}
