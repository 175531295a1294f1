import { describe, expect, it } from 'vitest';
import { createLogHarx168 } from '../../../models/baselines/log-harx168.ts';
import { harxContext } from '../../../models/features/asset-context.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { createForecaster } from '../../../models/serving/forecaster.ts';
import { createMarketForecaster, linearModels } from '../../../models/serving/market-forecaster.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 9800;
const histories = new Map<string, HourlyBar[]>([
  ['ETH', syntheticBars(HOURS, 41)],
  ['BTC', syntheticBars(HOURS, 42)],
]);
const payments = Array.from({ length: 1230 }, (_, k) => ({
  tsMs: START_MS + k * 8 * MS_PER_HOUR,
  rate: 1e-6 * (k % 90),
}));

describe('forecasters that look at each other', () => {
  it('give what each gives with the other beside it, in whatever order the assets are named', () => {
    const market = createMarketForecaster([...histories.keys()], linearModels);
    let paid = 0;
    for (let i = 0; i < HOURS; i++) {
      const tsMs = START_MS + i * MS_PER_HOUR;
      while (paid < payments.length && payments[paid]!.tsMs <= tsMs + MS_PER_HOUR) {
        for (const coin of ['BTC', 'ETH', 'DOGE']) market.pushFunding(coin, payments[paid]!);
        paid += 1;
      }
      market.pushHour(new Map([...histories].map(([asset, bars]) => [asset, bars[i]!])));
    }
    const data = new Map([...histories].map(([asset, bars]) => [asset, { bars, funding: payments }]));
    for (const [asset, bars] of histories) {
      const alone = createForecaster(asset, [createLogHarx168(harxContext(asset, data))]);
      for (const bar of bars) alone.push(bar);
      expect(market.current(asset)).toEqual(alone.current());
      expect(market.current(asset)[0]).toMatchObject({ asset, model: 'logHARX168', limitations: [] });
    }
    expect(() => market.current('DOGE')).toThrow(/DOGE is not forecast/);
  });
});
