import { parseArgs } from 'node:util';
import { backfillCandles, backfillFunding } from '../../jobs/backfill/backfill.ts';
import { parseTime } from '../../models/cli/arguments.ts';
import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { createLogger } from '../app/logger.ts';
import { readEnvironment } from '../config/env.ts';
import { loadNetworkFile } from '../config/load-network.ts';
import { FIRST_HISTORY_MS, openCandleSource, openFundingSource } from '../engine/history-feed.ts';
import { openStorage } from '../engine/open-storage.ts';
import { runProgram } from '../runtime/run-program.ts';

const USAGE = `npm run backfill -- --network FILE [--from DATE] [--to DATE]

Fills the hourly candles and funding payments that the database misses from the sources that the network file names
(candleSources, fundingSources). --from defaults to 420 days ago, --to to the last full hour. Stop it at any time and run it
again: it asks only for what is still missing. The database is DATABASE_URL, or the embedded one in DATA_DIR while
no other process of the service runs on that.`;

const BAR_WIDTH = 30;

/** One line of progress, rewritten in place on a terminal. */
function progressLine(what: string, done: number, total: number): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}`;
  return `${what.padEnd(24)} [${bar}] ${String(Math.floor(100 * share)).padStart(3)} %  ${done} of ${total} hours`;
}

await runProgram('backfill', async ({ cleanup, signal }) => {
  const { values } = parseArgs({
    options: {
      network: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const config = readEnvironment({ LOG_LEVEL: 'warn', ...process.env });
  const file = values.network ?? config.networkFile;
  if (file === null) throw new InvalidInputError('--network', `is missing\n\n${USAGE}`);
  const network = loadNetworkFile(file, process.env);
  const nowMs = Math.floor(Date.now() / MS_PER_HOUR) * MS_PER_HOUR;
  const toMs = values.to === undefined ? nowMs : Math.min(nowMs, parseTime('--to', values.to));
  const fromMs = values.from === undefined ? toMs - FIRST_HISTORY_MS : parseTime('--from', values.from);
  if (fromMs >= toMs) throw new InvalidInputError('--from', 'is not before --to');
  const { databaseUrl, redisUrl, dataDir } = config;
  const logger = createLogger(config.logLevel, process.stderr);
  const { database } = await openStorage({ databaseUrl, redisUrl, dataDir, logger, cleanup });
  const live = process.stderr.isTTY;
  for (const [asset, entry] of Object.entries(network.candleSources)) {
    const source = openCandleSource(entry);
    const what = `${asset} from ${source.name}`;
    const result = await backfillCandles({
      database,
      asset,
      source,
      symbol: entry.symbol,
      fromMs,
      toMs,
      signal,
      onProgress: ({ doneHours, totalHours }) => {
        process.stderr.write(`${progressLine(what, doneHours, totalHours)}${live ? '\r' : '\n'}`);
      },
    });
    if (live) process.stderr.write('\n');
    process.stdout.write(`${JSON.stringify({ asset, source: source.name, ...result })}\n`);
  }
  for (const [coin, entry] of Object.entries(network.fundingSources)) {
    const source = openFundingSource(entry);
    const stored = await backfillFunding({
      database,
      coin,
      source,
      symbol: entry.symbol,
      fromMs,
      toMs,
      signal,
    });
    process.stdout.write(`${JSON.stringify({ coin, source: source.name, fundingPayments: stored })}\n`);
  }
  if (Object.keys(network.candleSources).length === 0) {
    process.stderr.write(`${file} names no candleSources\n`);
    return 1;
  }
  return 0;
});
