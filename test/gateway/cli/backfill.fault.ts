import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCandles } from '../../../db/queries/candles.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { startHistoryServer } from '../../helpers/history-server.ts';
import { runEntry } from '../../helpers/program.ts';
import { useDatabase } from '../../helpers/use.ts';
import { syntheticBars } from '../../models/synthetic.ts';

const database = await useDatabase();
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-backfill-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

it('shows progress, survives being killed, and goes on where it was', { timeout: 240_000 }, async () => {
  const hours = 4_500;
  const lastMs = Math.floor(Date.now() / MS_PER_HOUR) * MS_PER_HOUR;
  const bars = syntheticBars(hours + 2, 201, lastMs - hours * MS_PER_HOUR);
  const server = await startHistoryServer(bars);
  try {
    const file = join(dir, 'network.json');
    const network = JSON.parse(await readFile('ops/networks/ethereum.json', 'utf8')) as object;
    const candleSources = { BTC: { source: 'binance', symbol: 'BTCUSDT', url: server.url } };
    await writeFile(file, JSON.stringify({ ...network, candleSources }));
    const environment = { DATABASE_URL: database.url, ETHEREUM_RPC_URL: 'http://127.0.0.1:9' };
    const from = new Date(bars[0]!.tsMs).toISOString();
    const run = () => runEntry('gateway/cli/backfill.ts', ['--network', file, '--from', from], environment);

    server.faults.delayMs = 300;
    const first = run();
    await first.printed(/BTC from binance +\[#+\.+\] +22 % {2}1000 of 45\d\d hours/);
    first.child.kill('SIGKILL');
    await first.exited;
    const kept = (await readCandles(database.orm, 'BTC')).length;
    expect(kept).toBeGreaterThanOrEqual(1_000);
    expect(kept).toBeLessThan(hours);

    server.faults.delayMs = 0;
    server.requests.length = 0;
    const second = run();
    expect(await second.exited, second.output()).toBe(0);
    expect(second.output()).toMatch(/\[#{30}\] 100 %/);
    expect(second.output()).toMatch(/\{"asset":"BTC","source":"binance","missing":\d+,"stored":\d+/);
    expect(Number(server.requests[0]!.searchParams.get('startTime'))).toBe(
      bars[0]!.tsMs + kept * MS_PER_HOUR,
    );
    const stored = await readCandles(database.orm, 'BTC');
    // The hour may have changed meanwhile; the running one is never stored.
    expect(stored.length - hours).toBeGreaterThanOrEqual(0);
    expect(stored).toEqual(bars.slice(0, stored.length));
    expect(stored.at(-1)!.tsMs + MS_PER_HOUR).toBeLessThanOrEqual(Date.now());
  } finally {
    await server.stop();
  }
});
