import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '../../risk/errors.ts';
import { type AssetData, loadAsset } from '../data/data-directory.ts';
import { fundingCoin, otherCoin } from '../features/asset-context.ts';

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
