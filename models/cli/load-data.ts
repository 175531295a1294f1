import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { type AssetData, loadAsset } from '../data/data-directory.ts';
import { DataFileError } from '../data/errors.ts';
import { fundingCoin, otherCoin } from '../features/asset-context.ts';
import { LONGEST_GAP_HOURS } from '../features/hourly-grid.ts';

export interface LoadedData {
  /** The assets asked for, in order. */
  readonly assets: readonly string[];
  /** Those and the coins whose series stand beside them. */
  readonly histories: ReadonlyMap<string, AssetData>;
}

/** Loads the assets of a comma-separated list and, where their files are there, the coins beside them. */
export async function loadData(
  dir: string,
  list: string,
  report: (line: string) => void,
): Promise<LoadedData> {
  const histories = new Map<string, AssetData>();
  for (const argument of list.split(',').filter((one) => one !== '')) {
    const loaded = await loadAsset(dir, argument);
    if (histories.has(loaded.asset))
      throw new InvalidInputError('--assets', `${loaded.asset} is named twice`);
    checkHours(loaded);
    histories.set(loaded.asset, loaded);
  }
  const assets = [...histories.keys()];
  if (assets.length === 0) throw new InvalidInputError('--assets', 'names no asset');
  for (const asset of assets) {
    for (const beside of [otherCoin(asset), fundingCoin(asset)]) {
      if (histories.has(beside)) continue;
      try {
        histories.set(beside, await loadAsset(dir, beside));
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        report(`${asset}: no data of ${beside}; its columns are neutral`);
      }
    }
  }
  return { assets, histories };
}

/** What the walk could not go on with, told with the file before it begins. */
function checkHours({ file, bars }: AssetData): void {
  if (bars.length === 0) throw new DataFileError(file, 1, 'holds no candle');
  bars.forEach((bar, at) => {
    const missing = at === 0 ? 0 : (bar.tsMs - bars[at - 1]!.tsMs) / MS_PER_HOUR - 1;
    if (missing <= LONGEST_GAP_HOURS) return;
    const hour = new Date(bar.tsMs).toISOString();
    throw new DataFileError(
      file,
      at + 2,
      `${missing} hours are missing before ${hour}; at most ${LONGEST_GAP_HOURS} are bridged`,
    );
  });
}

/** SHA-256 of the candle file of every asset. */
export async function hashFiles(
  histories: ReadonlyMap<string, Pick<AssetData, 'file'>>,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [asset, { file }] of histories) {
    hashes[asset] = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  }
  return hashes;
}
