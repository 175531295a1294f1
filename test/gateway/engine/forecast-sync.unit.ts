import { beforeAll, expect, it } from 'vitest';
import { FORECASTS_CHANNEL, notify } from '../../../db/channels.ts';
import { readCandles, upsertCandles } from '../../../db/queries/candles.ts';
import { insertForecasts } from '../../../db/queries/forecasts.ts';
import { hourlyCorrelation } from '../../../gateway/engine/correlation.ts';
import { ForecastStore } from '../../../gateway/engine/forecast-store.ts';
import { syncForecasts } from '../../../gateway/engine/forecast-sync.ts';
import { createForecaster } from '../../../models/serving/forecaster.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';
import { syntheticBars } from '../../models/synthetic.ts';

const HOURS = 1_600;
const WINDOW = 1_440;
const bars = new Map([
  ['BTC', syntheticBars(HOURS + 2, 151)],
  ['ETH', syntheticBars(HOURS + 2, 152)],
]);
const database = await useDatabase();
beforeAll(async () => {
  for (const [asset, list] of bars) await upsertCandles(database.orm, asset, list.slice(0, HOURS));
});

/** The correlation of what the database holds of the last 60 days. */
async function whole() {
  const history = new Map(
    await Promise.all(
      [...bars.keys()].map(async (asset) => {
        const all = await readCandles(database.orm, asset);
        const fromMs = all.at(-1)!.tsMs - WINDOW * MS_PER_HOUR;
        return [asset, all.filter(({ tsMs }) => tsMs >= fromMs)] as const;
      }),
    ),
  );
  return hourlyCorrelation(history);
}

it('reads the hours that are new, keeps a window of 60 days, and reads all again when older ones came in', async () => {
  const store = new ForecastStore();
  const sync = syncForecasts({
    database,
    store,
    assets: [...bars.keys()],
    isCurrent: () => true,
    logger: { warn: () => {}, error: () => {} } as never,
  });
  try {
    await sync.reload();
    const before = await whole();
    expect(sync.correlation()).toEqual(before);

    // One more hour, its forecast and the notification of that.
    const forecaster = createForecaster('BTC');
    for (const bar of bars.get('BTC')!.slice(0, HOURS + 1)) forecaster.push(bar);
    for (const [asset, list] of bars) await upsertCandles(database.orm, asset, [list[HOURS]!]);
    const rows = forecaster.current().map((body) => ({
      asset: 'BTC',
      horizonHours: body.horizonHours,
      asOfMs: body.asOfMs,
      model: body.model,
      version: body.modelVersion,
      body,
    }));
    await insertForecasts(database.orm, rows);
    await notify(database.orm, FORECASTS_CHANNEL, { asset: 'BTC', asOfMs: rows[0]!.asOfMs });
    await until('the forecast is there', () => store.forecasts('BTC').length === 3);
    const after = await whole();
    await until('the correlation follows', () => sync.correlation().values[1]![0] === after.values[1]![0]);
    expect(after).not.toEqual(before);

    // An hour of the window that changed is not read again by the next refresh, but when it was announced.
    const old = bars.get('ETH')![HOURS - 500]!;
    await upsertCandles(database.orm, 'ETH', [{ ...old, high: old.high * 2, close: old.close * 1.5 }]);
    for (const [asset, list] of bars) await upsertCandles(database.orm, asset, [list[HOURS + 1]!]);
    const changed = (await whole()).values[1]![0]!;
    await notify(database.orm, FORECASTS_CHANNEL, { asset: 'BTC', asOfMs: 0 });
    await until('the new hour is read', () => sync.correlation().values[1]![0] !== after.values[1]![0]);
    expect(sync.correlation().values[1]![0]).not.toBe(changed);
    await notify(database.orm, FORECASTS_CHANNEL, { asset: 'ETH', backfilled: true });
    await until('everything is read', () => sync.correlation().values[1]![0] === changed);
  } finally {
    await sync.close();
  }
});
