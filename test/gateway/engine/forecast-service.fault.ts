import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { upsertCandles } from '../../../db/queries/candles.ts';
import { insertFunding } from '../../../db/queries/funding.ts';
import { ForecastService } from '../../../gateway/engine/forecast-service.ts';
import { ForecastThread } from '../../../gateway/engine/forecast-thread.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';
import { syntheticBars } from '../../models/synthetic.ts';

const HOURS = 9_900;
const eth = syntheticBars(HOURS + 3, 141);
const btc = syntheticBars(HOURS + 3, 142);
const signal = new AbortController().signal;
const database = await useDatabase();
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-thread-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

it('serves from a thread that is fed only what is new, and all of a history that has changed', {
  timeout: 300_000,
}, async () => {
  const loaded: string[] = [];
  const thread = new ForecastThread({ simulated: true, backends: ['wasm'] }, ({ name }) => loaded.push(name));
  const sent: [string, boolean, number][] = [];
  const counting = new Proxy(thread, {
    get(target, name) {
      if (name === 'sendBars') {
        return (update: Parameters<ForecastThread['sendBars']>[0]) => {
          sent.push([update.key, update.reset, update.rows.length]);
          target.sendBars(update);
        };
      }
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  try {
    const service = new ForecastService({ database, thread: counting, assets: ['ETH', 'BTC'] });
    await upsertCandles(database.orm, 'ETH', eth.slice(0, HOURS));
    await upsertCandles(database.orm, 'BTC', btc.slice(0, HOURS));
    const first = await service.forecast('ETH', signal);
    expect(first[0]).toMatchObject({ model: 'logHAR', fallbackReason: 'network: is being loaded' });
    expect(sent.reduce((sum, [, , rows]) => sum + rows, 0)).toBe(2 * HOURS);
    await until('the model is ready', () => service.improves('ETH', first), 240_000);
    expect(loaded).toEqual(['network']);
    const second = await service.forecast('ETH', signal);
    expect(second[0]).toMatchObject({ model: 'network', fallbackReason: null, asOfMs: first[0]!.asOfMs });
    expect(service.improves('ETH', second)).toBe(false);

    sent.length = 0;
    await upsertCandles(database.orm, 'ETH', [eth[HOURS]!]);
    await upsertCandles(database.orm, 'BTC', [btc[HOURS]!]);
    await insertFunding(database.orm, 'ETH', [{ tsMs: eth[HOURS]!.tsMs, rate: 2e-4 }]);
    const third = await service.forecast('ETH', signal);
    expect(third[0]).toMatchObject({ model: 'network', asOfMs: first[0]!.asOfMs + 3_600_000 });
    expect(sent).toEqual([
      ['BTC', false, 1],
      ['ETH', false, 1],
    ]);

    // A corrected hour of the past: everything of that coin is sent again, and only of that.
    sent.length = 0;
    await upsertCandles(database.orm, 'BTC', [{ ...btc[9_000]!, high: btc[9_000]!.high * 1.1 }]);
    await service.forecast('ETH', signal);
    expect(sent[0]).toEqual(['BTC', true, 2_160]);
    expect(sent.reduce((sum, [, , rows]) => sum + rows, 0)).toBe(HOURS + 1);
    expect(sent.some(([coin]) => coin === 'ETH')).toBe(false);
  } finally {
    await thread.close();
  }
  await expect(thread.forecast('ETH')).rejects.toMatchObject({ type: 'forecast-thread-ended' });
});

it('refuses what a dying thread did not answer, and feeds the next one from the start', async () => {
  const boot = join(dir, 'dies.mjs');
  await writeFile(
    boot,
    `import { parentPort } from 'node:worker_threads';
let bars = 0;
parentPort.on('message', ({ kind, id, asset, update }) => {
  if (kind === 'bars') bars += update.rows.length;
  else if (kind === 'forecast' && asset === 'BTC') process.exit(3);
  else if (kind === 'forecast') parentPort.postMessage({ kind: 'answer', id, result: [{ bars }] });
});`,
  );
  const thread = new ForecastThread({}, undefined, pathToFileURL(boot));
  try {
    const service = new ForecastService({ database, thread, assets: ['ETH', 'BTC'] });
    const all = 2 * (HOURS + 1);
    expect(await service.forecast('ETH', signal)).toEqual([{ bars: all }]);
    await expect(service.forecast('BTC', signal)).rejects.toMatchObject({
      type: 'forecast-thread-ended',
      retryable: true,
    });
    expect(await service.forecast('ETH', signal)).toEqual([{ bars: all }]);
  } finally {
    await thread.close();
  }
});
