import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { createBaselines } from '../evaluation/baselines.ts';
import { formatScores } from '../evaluation/format-table.ts';
import { type AssetScores, scoreWalk } from '../evaluation/score-walk.ts';
import { rowsBefore, walkAsset } from '../evaluation/walk.ts';
import { harxContext } from '../features/asset-context.ts';
import { parseTime, readArguments } from './arguments.ts';
import { prepareArtifact, prepareRefits } from './evaluate-network.ts';
import { loadData } from './load-data.ts';
import { runCommand } from './run.ts';

const USAGE = `npm run evaluate -- --data DIR [--from DATE] [--to DATE] [--assets BTC,ETH,NAME=FILE,...] [--refit] [--json]

Every baseline in one table, walked forward, and the network: with --refit trained anew every 4380 hours on what was
known by then (assets of --train, default BTC,ETH,SOL), else the artifact of --model DIR (default
models/artifacts/network) if its training ended before --from. --from defaults to 2024-01-01, --to (exclusive) to
2025-06-29, --assets to BTC,ETH,SOL. A name finds binance_spot_NAMEUSDT_1h.csv.gz in DIR, NAME=FILE any hourly candle
file. --seeds 1,2,3 names the members of the ensemble, --backend native|wasm|cpu the TensorFlow.js backend.
--refits DIR keeps the refits of --refit there and takes those it finds.`;

/** Evaluates and returns the scores of every asset; `report` hears of progress. */
export async function evaluate(
  argv: readonly string[],
  report: (line: string) => void,
): Promise<AssetScores[]> {
  const { values, flags } = readArguments(
    argv,
    ['data', 'from', 'to', 'assets', 'train', 'seeds', 'backend', 'refits', 'model'],
    ['json', 'refit'],
  );
  if (values.data === undefined) throw new InvalidInputError('--data', `is missing\n\n${USAGE}`);
  const range = {
    fromMs: parseTime('--from', values.from ?? '2024-01-01'),
    toMs: parseTime('--to', values.to ?? '2025-06-29'),
  };
  if (range.toMs <= range.fromMs) throw new InvalidInputError('--to', 'must be after --from');
  const { assets, histories } = await loadData(values.data, values.assets ?? 'BTC,ETH,SOL', report);
  const networkFor = flags.refit
    ? await prepareRefits(values.data, histories, range, values, report)
    : await prepareArtifact(histories, range, values, report);
  const scores: AssetScores[] = [];
  for (const asset of assets) {
    const { bars, file } = histories.get(asset)!;
    report(`${asset}: ${bars.length} hours of ${file}`);
    const models = createBaselines(harxContext(asset, histories), rowsBefore(bars, range.fromMs));
    if (networkFor !== null) models.push(networkFor(asset));
    const scored = scoreWalk(walkAsset(asset, bars, models, range));
    const last = new Date(bars.at(-1)!.tsMs + MS_PER_HOUR).toISOString().slice(0, 13);
    if (scored.horizons.every((one) => one.n === 0))
      report(`${asset}: no scored hour in the range; its data end at ${last}:00Z`);
    scores.push(scored);
  }
  if (scores.every(({ horizons }) => horizons.every((one) => one.n === 0))) {
    throw new InvalidInputError(
      '--from',
      'no hour of the range is scored: it lies outside the data, or before the models have the year they need',
    );
  }
  return scores;
}

runCommand(import.meta.url, USAGE, async (argv, report) => {
  const scores = await evaluate(argv, report);
  return argv.includes('--json') ? JSON.stringify(scores, null, 2) : scores.map(formatScores).join('\n\n');
});
