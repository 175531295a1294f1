import { afterEach, beforeEach, expect, it } from 'vitest';
import { readFunding } from '../../../db/queries/funding.ts';
import { HistoryFeed } from '../../../gateway/engine/history-feed.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { type HistoryServer, startHistoryServer } from '../../helpers/history-server.ts';
import { useDatabase } from '../../helpers/use.ts';
import { START_MS, syntheticBars } from '../../models/synthetic.ts';

const bars = syntheticBars(1_300, 191);
const own = bars.map((bar) => ({ ...bar, volume: 0 }));
const at = (hour: number) => START_MS + hour * MS_PER_HOUR;
const payments = Array.from({ length: 100 }, (_, k) => ({ tsMs: at(8 * k), rate: 1e-4 }));
const signal = new AbortController().signal;
const database = await useDatabase();
let server: HistoryServer;
let nowMs = at(1_200) + 60_000;
beforeEach(async () => {
  server = await startHistoryServer(bars, payments);
});
afterEach(() => server.stop());

function feed(ownBars: readonly HourlyBar[]) {
  const warnings: unknown[] = [];
  const history = new HistoryFeed({
    database,
    network: {
      candleSources: { BTC: { source: 'binance', symbol: 'BTCUSDT', url: server.url } },
      fundingSources: { BTC: { source: 'binance', symbol: 'BTCUSDT', url: server.url } },
    },
    clock: { nowMs: () => nowMs },
    candles: { newBars: (_, fromMs) => ownBars.filter(({ tsMs }) => tsMs >= (fromMs ?? 0)) },
    logger: { warn: (detail: unknown) => warnings.push(detail) } as never,
  });
  return { history, warnings };
}

it('takes the bars of the source up to the last full hour, and its own where the source has none', async () => {
  const { history } = feed(own.slice(1_190, 1_200));
  // Three hours were missed while the process was down: the source has them, one it has not.
  server.faults.rows = (rows) => rows.filter((_, i) => i !== 10);
  const found = await history.newBars('BTC', at(1_187), signal);
  expect(found).toEqual([...bars.slice(1_187, 1_197), own[1_197], ...bars.slice(1_198, 1_200)]);
  // No source for this asset: its own.
  expect(await history.newBars('ETH', at(1_198), signal)).toEqual(own.slice(1_198, 1_200));
  server.faults.rows = (rows) => rows;
  // Without anything, as much as models need and the source has.
  expect(await feed([]).history.newBars('BTC', null, signal)).toEqual(bars.slice(0, 1_200));
});

it('goes on with its own bars when the source refuses, and says so', async () => {
  const { history, warnings } = feed(own.slice(1_190, 1_200));
  server.faults.statuses = [403, 403];
  expect(await history.newBars('BTC', at(1_187), signal)).toEqual(own.slice(1_190, 1_200));
  await history.refreshFunding('BTC', signal);
  expect(warnings).toHaveLength(2);
});

it('stores payments once an hour of market time', async () => {
  nowMs = at(400);
  const { history } = feed([]);
  await history.refreshFunding('BTC', signal);
  expect(await readFunding(database.orm, 'BTC')).toEqual(payments.slice(0, 50));
  const asked = server.requests.length;
  nowMs += 60_000;
  await history.refreshFunding('BTC', signal);
  await history.refreshFunding('ETH', signal);
  expect(server.requests).toHaveLength(asked);
  nowMs = at(420);
  await history.refreshFunding('BTC', signal);
  expect(await readFunding(database.orm, 'BTC')).toHaveLength(53);
});
