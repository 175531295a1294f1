import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../db/connection.ts';
import { silentLogger } from '../../../db/logger.ts';
import { migrateDatabase } from '../../../db/migrate.ts';
import { upsertCandles } from '../../../db/queries/candles.ts';
import { loadFactorReturns } from '../../../db/queries/factor-returns.ts';
import { insertForecasts } from '../../../db/queries/forecasts.ts';
import { factorHistory } from '../../../gateway/engine/factor-history.ts';
import { walkForecasts } from '../../../gateway/engine/walk-forecasts.ts';
import { factorReturns } from '../../../jobs/tasks/factor-returns.ts';
import type { HourlyBar, VolatilityForecast } from '../../../models/forecast.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { context } from '../../helpers/task-context.ts';

const HOUR = 3_600_000;
const FIRST = Date.UTC(2026, 0, 1);
const HOURS = 900;
const END = FIRST + HOURS * HOUR;

/** Closes that swing by some percent, with a range around them. */
const closeAt = (hour: number) => 60_000 * Math.exp(0.05 * Math.sin(hour / 9) + 0.02 * Math.sin(hour * 1.7));
const bars = (from: number, to: number): HourlyBar[] =>
  Array.from({ length: to - from }, (_, i) => {
    const [open, close] = [closeAt(from + i - 1), closeAt(from + i)];
    const high = Math.max(open, close) * 1.002;
    return {
      tsMs: FIRST + (from + i) * HOUR,
      open,
      high,
      low: Math.min(open, close) / 1.002,
      close,
      volume: 1,
    };
  });

describe('factor-returns', () => {
  let postgres: TestPostgres;
  let database: Database;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    const url = await postgres.createDatabase();
    await migrateDatabase(url);
    database = openDatabase({ url, logger: silentLogger });
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
  });

  let walks = 0;
  const run = () =>
    factorReturns.run(
      {},
      {
        database,
        assets: ['BTC'],
        horizonHours: 24,
        spacingHours: 8,
        walk: (asset, history, signal) => {
          walks += 1;
          return walkForecasts(asset, history, 24, 8, signal);
        },
      },
      context,
    );
  const store = (forecast: VolatilityForecast) =>
    insertForecasts(database.orm, [
      {
        asset: 'BTC',
        horizonHours: 24,
        asOfMs: forecast.asOfMs,
        model: forecast.model,
        version: forecast.modelVersion,
        body: forecast,
      },
    ]);

  it('waits for the first forecast, begins the series from history, then goes on with what was forecast', async () => {
    const history = bars(0, HOURS);
    await upsertCandles(database.orm, 'BTC', history);
    expect(await run()).toEqual({ added: { BTC: 0 }, completed: 0 });
    const all = await walkForecasts('BTC', history, 24, 8, new AbortController().signal);
    const last = all.at(-1)!;
    expect(last.asOfMs).toBe(END - (END % (8 * HOUR)));
    await store(last);
    const begun = await run();
    expect(begun.added).toEqual({ BTC: all.length });
    // The last three horizons of 24 hours have not passed.
    expect(begun.completed).toBe(all.length - 3);
    const rows = await loadFactorReturns(database.orm, 24);
    expect(rows).toHaveLength(all.length - 3);
    const hour = (rows[0]!.asOfMs - FIRST) / HOUR;
    expect(rows[0]!.logReturn).toBeCloseTo(Math.log(closeAt(hour + 23) / closeAt(hour - 1)), 12);
    expect(rows[0]!.variances).toEqual(all[0]!.quantiles.map(({ variance }) => variance));

    await upsertCandles(database.orm, 'BTC', bars(HOURS, HOURS + 24));
    await store({ ...last, asOfMs: last.asOfMs + 8 * HOUR });
    await store({ ...last, asOfMs: last.asOfMs + 9 * HOUR });
    expect(await run()).toEqual({ added: { BTC: 1 }, completed: 3 });
    expect(await run()).toEqual({ added: { BTC: 0 }, completed: 0 });
    expect(walks).toBe(1);
  });

  it('a forecast of the walk does not know what came after it', async () => {
    const signal = new AbortController().signal;
    const short = await walkForecasts('BTC', bars(0, HOURS - 200), 24, 8, signal);
    const long = await walkForecasts('BTC', bars(0, HOURS), 24, 8, signal);
    expect(long.slice(0, short.length)).toEqual(short);
  });

  it('gives joint rows with the volatility at a quantile, ascending', async () => {
    const rows = await loadFactorReturns(database.orm, 24);
    const history = factorHistory(rows, 0.75)!;
    expect(history).toMatchObject({ assets: ['BTC'], horizonHours: 24, stressed: [] });
    expect(history.rows).toHaveLength(rows.length);
    expect(history.asOfMs).toBe(rows.at(-1)!.asOfMs + 24 * HOUR);
    const at = rows[5]!;
    expect(history.rows[5]).toEqual({
      tsMs: at.asOfMs + 24 * HOUR,
      returns: [at.logReturn],
      volatilities: [Math.sqrt(at.variances[at.levels.indexOf(0.75)]!)],
    });
    expect(factorHistory([], 0.75)).toBeNull();
  });

  it('the stressed period is the 90 days with the largest returns', () => {
    const row = (i: number, logReturn: number) => ({
      asset: 'BTC',
      horizonHours: 24,
      asOfMs: FIRST + i * 8 * HOUR,
      levels: [0.5, 0.75],
      variances: [1e-4, 4e-4],
      model: 'EWMA',
      version: '1',
      logReturn,
    });
    const series = Array.from({ length: 900 }, (_, i) => row(i, i >= 300 && i < 570 ? 0.1 : 0.01));
    const history = factorHistory(series, 0.75)!;
    expect(history.stressed).toHaveLength(270);
    expect(history.stressed[0]!.tsMs).toBe(FIRST + 300 * 8 * HOUR + 24 * HOUR);
    expect(history.rows).toHaveLength(900);
    expect(history.rows[0]!.volatilities[0]).toBeCloseTo(0.02, 12);
  });
});
