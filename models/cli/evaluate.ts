import { pathToFileURL } from 'node:url';
import { BreakwaterError, InvalidInputError } from '../../risk/errors.ts';
import { type AssetData, loadAsset } from '../data/data-directory.ts';
import { createBaselines } from '../evaluation/baselines.ts';
import { fundingCoin, harxContext, otherCoin } from '../evaluation/context.ts';
import { formatScores } from '../evaluation/format-table.ts';
import { type AssetScores, scoreWalk } from '../evaluation/score-walk.ts';
import { rowsBefore, walkAsset } from '../evaluation/walk.ts';
import { parseTime, readArguments } from './arguments.ts';

const USAGE = `npm run evaluate -- --data DIR [--from DATE] [--to DATE] [--assets BTC,ETH,NAME=FILE,...] [--json]

Every baseline in one table, walked forward. --from defaults to 2024-01-01, --to (exclusive) to 2025-06-29,
--assets to BTC,ETH,SOL. A name finds binance_spot_NAMEUSDT_1h.csv.gz in DIR, NAME=FILE any hourly candle file.`;

/** Evaluates and returns the scores of every asset; `report` hears of progress. */
export async function evaluate(
  argv: readonly string[],
  report: (line: string) => void,
): Promise<AssetScores[]> {
  const { values } = readArguments(argv, ['data', 'from', 'to', 'assets'], ['json', 'help']);
  if (values.data === undefined) throw new InvalidInputError('--data', `is missing\n\n${USAGE}`);
  const range = {
    fromMs: parseTime('--from', values.from ?? '2024-01-01'),
    toMs: parseTime('--to', values.to ?? '2025-06-29'),
  };
  if (range.toMs <= range.fromMs) throw new InvalidInputError('--to', 'must be after --from');
  const wanted = (values.assets ?? 'BTC,ETH,SOL').split(',').filter((one) => one !== '');
  const data = new Map<string, AssetData>();
  for (const argument of wanted) {
    const loaded = await loadAsset(values.data, argument);
    data.set(loaded.asset, loaded);
  }
  const assets = [...data.keys()];
  for (const asset of assets) {
    for (const beside of [otherCoin(asset), fundingCoin(asset)]) {
      if (data.has(beside)) continue;
      try {
        data.set(beside, await loadAsset(values.data, beside));
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        report(`${asset}: no data of ${beside}; its columns are neutral`);
      }
    }
  }
  const scores: AssetScores[] = [];
  for (const asset of assets) {
    const { bars, file } = data.get(asset)!;
    report(`${asset}: ${bars.length} hours of ${file}`);
    const models = createBaselines(harxContext(asset, data), rowsBefore(bars, range.fromMs));
    scores.push(scoreWalk(walkAsset(asset, bars, models, range)));
  }
  return scores;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) process.stdout.write(`${USAGE}\n`);
  else {
    evaluate(argv, (line) => process.stderr.write(`${line}\n`)).then(
      (scores) => {
        const text = argv.includes('--json')
          ? JSON.stringify(scores, null, 2)
          : scores.map(formatScores).join('\n\n');
        process.stdout.write(`${text}\n`);
      },
      (error: unknown) => {
        if (!(error instanceof BreakwaterError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      },
    );
  }
}
