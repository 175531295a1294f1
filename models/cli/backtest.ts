import { writeFile } from 'node:fs/promises';
import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { type CrashRow, crashRows } from '../backtest/crashes.ts';
import { formatBacktest } from '../backtest/format-backtest.ts';
import { type GoalResult, judgeGoals, YARDSTICK_MODEL } from '../backtest/goals.ts';
import { htmlReport } from '../backtest/html-report.ts';
import { type AssetMargins, walkMargins } from '../backtest/margin-walk.ts';
import { type MarginScores, scoreMargins } from '../backtest/score-margins.ts';
import { LEAST_ROWS } from '../backtest/trailing-losses.ts';
import { Ewma } from '../baselines/ewma.ts';
import { GarchModel } from '../baselines/garch/garch-model.ts';
import { createLogHarx168 } from '../baselines/log-harx168.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import { LEAST_LEVEL_ROWS } from '../calibration/calibrated-horizon.ts';
import { harxContext } from '../features/asset-context.ts';
import { parseTime, readArguments } from './arguments.ts';
import { prepareRefits } from './evaluate-network.ts';
import { loadData } from './load-data.ts';
import { runCommand } from './run.ts';

const USAGE = `npm run backtest -- --data DIR [--from DATE] [--to DATE] [--assets BTC,ETH,NAME=FILE,...] [--refit] [--json]
  [--html FILE]

99 % margins of a long and a short position over 24 hours, decided at 00:00 UTC and walked forward, by historical
simulation, EWMA, GARCH-t and logHARX168, each without a buffer, with a plain 25 % stress weight and with the named
policies. --from defaults to 2020-01-01, --to (exclusive) to 2025-06-29, --assets to BTC,ETH,SOL. --refit adds the
network, trained anew every 4380 hours on what was known by then (--train, --seeds, --backend as in evaluate).
--html writes a report with charts to FILE.`;

export interface Backtest {
  readonly scores: readonly MarginScores[];
  readonly crashes: readonly CrashRow[];
  readonly goals: readonly GoalResult[];
}

/** Runs the backtest and writes the report of `--html`; `report` hears of progress. */
export async function backtest(argv: readonly string[], report: (line: string) => void): Promise<Backtest> {
  const { values, flags } = readArguments(
    argv,
    ['data', 'from', 'to', 'assets', 'html', 'train', 'seeds', 'backend', 'refits'],
    ['json', 'refit'],
  );
  if (values.data === undefined) throw new InvalidInputError('--data', `is missing\n\n${USAGE}`);
  const range = {
    fromMs: parseTime('--from', values.from ?? '2020-01-01'),
    toMs: parseTime('--to', values.to ?? '2025-06-29'),
  };
  if (range.toMs <= range.fromMs) throw new InvalidInputError('--to', 'must be after --from');
  const { assets, histories } = await loadData(values.data, values.assets ?? 'BTC,ETH,SOL', report);
  // A margin needs a year of losses by forecasts that were calibrated: the network starts that much earlier.
  const lead = (LEAST_ROWS + 2 * LEAST_LEVEL_ROWS) * MS_PER_HOUR;
  const networkFor = flags.refit
    ? await prepareRefits(
        values.data,
        histories,
        { ...range, fromMs: range.fromMs - lead },
        values,
        report,
        true,
      )
    : null;
  const walks: AssetMargins[] = [];
  for (const asset of assets) {
    const { bars, file } = histories.get(asset)!;
    report(`${asset}: ${bars.length} hours of ${file}`);
    const models: RawModel[] = [
      new Ewma(),
      new GarchModel('GARCH-t', { asymmetric: false, distribution: 't' }),
      createLogHarx168(harxContext(asset, histories)),
    ];
    if (networkFor !== null) models.push(networkFor(asset));
    walks.push(walkMargins(asset, bars, models, range));
  }
  const scores = walks.flatMap(scoreMargins);
  if (scores.length === 0) throw new InvalidInputError('--from', 'no day of the range has all margins');
  const crashes = walks.flatMap(crashRows);
  const goals = judgeGoals(scores);
  if (values.html !== undefined) {
    await writeFile(values.html, htmlReport(walks, scores, crashes, goals));
    report(`report: ${values.html}`);
  }
  return { scores, crashes, goals };
}

runCommand(import.meta.url, USAGE, async (argv, report) => {
  const result = await backtest(argv, report);
  if (argv.includes('--json')) return JSON.stringify(result, null, 2);
  return formatBacktest(result.scores, result.crashes, result.goals, YARDSTICK_MODEL);
});
