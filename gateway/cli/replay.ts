/**
 * `npm run replay -- --feed ID --at TIME [--network FILE]`: works the verdict that was stored at or before a time out
 * again and compares it with what was stored. Database and network file come from the environment, as for the
 * gateway. Exit code 0 when both are the same bit for bit.
 */
import { parseArgs } from 'node:util';
import { priceSnapshotAt } from '../../db/queries/price-snapshots.ts';
import { InvalidInputError } from '../../risk/errors.ts';
import { PURPOSES } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { createLogger } from '../app/logger.ts';
import { readEnvironment } from '../config/env.ts';
import { loadNetworkFile } from '../config/load-network.ts';
import { openStorage } from '../engine/open-storage.ts';
import { runProgram } from '../runtime/run-program.ts';
import { type Replay, replayPrice } from './replay-price.ts';

interface ReplayArguments {
  readonly feed: string;
  readonly atMs: UnixMs;
  readonly networkFile: string;
}

function readArguments(networkFile: string | null): ReplayArguments {
  const { values } = parseArgs({
    options: { feed: { type: 'string' }, at: { type: 'string' }, network: { type: 'string' } },
  });
  if (values.feed === undefined) throw new InvalidInputError('feed', 'give a feed, e.g. --feed BTC-USD');
  const atMs = Date.parse(values.at ?? '');
  if (Number.isNaN(atMs)) throw new InvalidInputError('at', 'give a time, e.g. --at 2026-01-31T12:00:00Z');
  const file = values.network ?? networkFile;
  if (file === null) throw new InvalidInputError('network', 'give --network FILE or set NETWORK_FILE');
  return { feed: values.feed, atMs, networkFile: file };
}

function show({ asOfMs, configHash, price, storedHash, replayedHash, identical }: Replay): void {
  const lines = [
    `${price.feedId} as of ${new Date(asOfMs).toISOString()}`,
    `price ${price.market === null ? 'none' : wadToDecimal(price.market.priceWad)} ${price.quoteAsset}`,
    ...PURPOSES.map((purpose) => {
      const { usable, reasons } = price.verdicts[purpose];
      const why = reasons.map(({ code, subject }) => (subject ? `${code}:${subject}` : code)).join(', ');
      return `${purpose} ${usable ? 'yes' : 'no'}${why === '' ? '' : ` (${why})`}`;
    }),
    `configuration ${configHash}`,
    `stored ${storedHash}`,
    `replayed ${replayedHash}`,
    identical ? 'identical' : 'DIFFERENT',
  ];
  console.log(lines.join('\n'));
}

await runProgram('replay', async ({ cleanup }) => {
  const environment = readEnvironment(process.env);
  const { feed, atMs, networkFile } = readArguments(environment.networkFile);
  const network = loadNetworkFile(networkFile, process.env);
  const { database } = await openStorage({
    databaseUrl: environment.databaseUrl,
    redisUrl: null,
    dataDir: environment.dataDir,
    logger: createLogger('warn'),
    cleanup,
  });
  const feeds = new Map(network.feeds.map((config) => [config.id, config]));
  const stored = (feedId: string, at: UnixMs) => priceSnapshotAt(database.orm, feedId, at);
  const replay = await replayPrice({ feeds, stored }, feed, atMs);
  show(replay);
  return replay.identical ? 0 : 1;
});
