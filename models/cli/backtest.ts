import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { crashRows } from '../backtest/crashes.ts';
import { type BacktestResult, formatBacktest, markdownBacktest } from '../backtest/format-backtest.ts';
import { drawBook, HOLDING_HOURS } from '../backtest/frontier/book.ts';
import { type FrontierPoint, frontierPoints } from '../backtest/frontier/frontier.ts';
import { walkPaths } from '../backtest/frontier/margin-paths.ts';
import { judgeFrontier, judgeGoals } from '../backtest/goals.ts';
import { allCharts, htmlReport } from '../backtest/html-report.ts';
import { type AssetMargins, walkMargins } from '../backtest/margin-walk.ts';
import { scoreMargins } from '../backtest/score-margins.ts';
import { chartFile } from '../backtest/svg-chart.ts';
import { tradeOffs } from '../backtest/trade-off.ts';
import { LEAST_ROWS } from '../backtest/trailing-losses.ts';
import { Ewma } from '../baselines/ewma.ts';
import { GarchModel } from '../baselines/garch/garch-model.ts';
import { createLogHarx168 } from '../baselines/log-harx168.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import { LEAST_LEVEL_ROWS } from '../calibration/calibrated-horizon.ts';
import type { AssetData } from '../data/data-directory.ts';
import type { WalkRange } from '../evaluation/walk.ts';
import { harxContext } from '../features/asset-context.ts';
import { parseTime, parseWhole, readArguments } from './arguments.ts';
import { prepareRefits } from './evaluate-network.ts';
import { loadData } from './load-data.ts';
import { runCommand } from './run.ts';

const USAGE = `npm run backtest -- --data DIR [--from DATE] [--to DATE] [--assets BTC,ETH,NAME=FILE,...] [--refit] [--json]
  [--accounts N] [--seed S] [--html FILE] [--out DIR]

99 % margins of a long and a short position over 24 hours, decided at 00:00 UTC and walked forward, by historical
simulation, EWMA, GARCH-t and logHARX168, each without a buffer, with a plain 25 % stress weight and with the named
policies; and the bad debt of a book of N simulated levered accounts (default 30000; 0 leaves it out; --seed draws
another) against its unnecessary liquidations. --from defaults to 2020-01-01, --to (exclusive) to 2025-06-29, --assets to
BTC,ETH,SOL. --refit adds the network, trained anew every 4380 hours on what was known by then (--train, --seeds,
--backend, --refits as in evaluate). --html writes a report with charts to FILE, --out tables.md and every chart as SVG
to DIR.`;

const DEFAULT_ACCOUNTS = 30_000;
const LARGEST_BOOK = 1_000_000;

/** Runs the backtest and writes what `--html` and `--out` ask for; `report` hears of progress. */
export async function backtest(
  argv: readonly string[],
  report: (line: string) => void,
): Promise<BacktestResult> {
  const { values, flags } = readArguments(
    argv,
    [
      'data',
      'from',
      'to',
      'assets',
      'html',
      'out',
      'accounts',
      'seed',
      'train',
      'seeds',
      'backend',
      'refits',
    ],
    ['json', 'refit'],
  );
  if (values.data === undefined) throw new InvalidInputError('--data', `is missing\n\n${USAGE}`);
  const range = {
    fromMs: parseTime('--from', values.from ?? '2020-01-01'),
    toMs: parseTime('--to', values.to ?? '2025-06-29'),
  };
  if (range.toMs <= range.fromMs) throw new InvalidInputError('--to', 'must be after --from');
  const accounts = parseWhole('--accounts', values.accounts, DEFAULT_ACCOUNTS, LARGEST_BOOK);
  const seed = parseWhole('--seed', values.seed, 1, 0xffff_ffff);
  const { assets, histories } = await loadData(values.data, values.assets ?? 'BTC,ETH,SOL', report);
  // A margin needs a year of losses by forecasts that were calibrated: the network starts that much earlier.
  const lead = (LEAST_ROWS + 2 * LEAST_LEVEL_ROWS) * MS_PER_HOUR;
  const early = { ...range, fromMs: range.fromMs - lead };
  const networkFor = flags.refit
    ? await prepareRefits(values.data, histories, early, values, report, true)
    : null;
  const walks: AssetMargins[] = [];
  const frontier: FrontierPoint[] = [];
  for (const asset of assets) {
    const { bars, file } = histories.get(asset)!;
    report(`${asset}: ${bars.length} hours of ${file}`);
    const networks = networkFor === null ? [] : [networkFor];
    const linear = () => createLogHarx168(harxContext(asset, histories));
    const models: RawModel[] = [
      new Ewma(),
      new GarchModel('GARCH-t', { asymmetric: false, distribution: 't' }),
      linear(),
      ...networks.map((of) => of(asset)),
    ];
    walks.push(walkMargins(asset, bars, models, range));
    if (accounts === 0) continue;
    const served = [linear(), ...networks.map((of) => of(asset))];
    frontier.push(...simulate(asset, histories.get(asset)!, served, range, accounts, seed, report));
  }
  const scores = walks.flatMap((walk) => {
    const scored = scoreMargins(walk);
    if (scored.length === 0) report(`${walk.asset}: no day of the range has all margins`);
    return scored;
  });
  if (scores.length === 0)
    throw new InvalidInputError(
      '--from',
      'no day of the range has all margins: those of logHARX168 begin about two years after the data',
    );
  const curves = walks.flatMap(tradeOffs);
  const result = {
    scores,
    crashes: walks.flatMap(crashRows),
    tradeOffs: curves,
    frontier,
    goals: [...judgeGoals(scores, curves), ...judgeFrontier(frontier)],
  };
  await writeFiles(values, walks, result, flags.refit, report);
  return result;
}

function simulate(
  asset: string,
  { bars }: AssetData,
  models: readonly RawModel[],
  range: WalkRange,
  accounts: number,
  seed: number,
  report: (line: string) => void,
): FrontierPoint[] {
  const paths = walkPaths(asset, bars, models, range);
  if (paths === null || paths.rows <= HOLDING_HOURS) {
    report(
      `${asset}: too few hours with all margins for a book of accounts (more than ${HOLDING_HOURS} needed)`,
    );
    return [];
  }
  return frontierPoints(asset, paths, drawBook(accounts, paths.rows, seed));
}

async function writeFiles(
  values: { readonly html?: string; readonly out?: string; readonly from?: string; readonly to?: string },
  walks: readonly AssetMargins[],
  result: BacktestResult,
  refit: boolean,
  report: (line: string) => void,
): Promise<void> {
  if (values.html !== undefined) {
    await writeFile(values.html, htmlReport(walks, result));
    report(`report: ${values.html}`);
  }
  if (values.out === undefined) return;
  await mkdir(values.out, { recursive: true });
  const options = [
    values.from && `--from ${values.from}`,
    values.to && `--to ${values.to}`,
    refit && '--refit',
  ];
  const command = ['npm run backtest -- --data DIR', ...options.filter(Boolean)].join(' ');
  await writeFile(join(values.out, 'tables.md'), markdownBacktest(result, command));
  const charts = allCharts(walks, result);
  for (const { name, chart } of charts) await writeFile(join(values.out, `${name}.svg`), chartFile(chart));
  report(`tables.md and ${charts.length} charts: ${values.out}`);
}

runCommand(import.meta.url, USAGE, async (argv, report) => {
  const result = await backtest(argv, report);
  return argv.includes('--json') ? JSON.stringify(result, null, 2) : formatBacktest(result);
});
