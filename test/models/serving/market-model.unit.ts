import { describe, expect, it } from 'vitest';
import type { HourlyBar } from '../../../models/forecast.ts';
import { createMarketForecaster, linearModels } from '../../../models/serving/market-forecaster.ts';
import { createMarketModel } from '../../../models/serving/market-model.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 9760;
const all = new Map<string, HourlyBar[]>([
  // BTC misses an hour that ETH has.
  ['BTC', syntheticBars(HOURS, 91).filter((_, i) => i !== 9720)],
  ['ETH', syntheticBars(HOURS, 92)],
]);
const payments = Array.from({ length: 1230 }, (_, k) => ({
  tsMs: START_MS + k * 8 * MS_PER_HOUR,
  rate: 1e-6 * (k % 90),
}));
const until = (endMs: number) => ({
  bars: new Map([...all].map(([asset, bars]) => [asset, bars.filter((bar) => bar.tsMs < endMs)])),
  funding: new Map([['ETH', payments.filter((one) => one.tsMs <= endMs)]]),
});

describe('the market model', () => {
  it('gives the bits of the hour-by-hour forecasters: at once, continued, and whatever else it is shown', () => {
    const market = createMarketForecaster(['ETH', 'BTC'], linearModels);
    const continued = createMarketModel(linearModels);
    let paid = 0;
    for (let i = 0; i < HOURS; i++) {
      const tsMs = START_MS + i * MS_PER_HOUR;
      for (; payments[paid] !== undefined && payments[paid]!.tsMs <= tsMs + MS_PER_HOUR; paid++) {
        market.pushFunding('ETH', payments[paid]!);
      }
      const hour = [...all].flatMap(([asset, bars]) => {
        const bar = bars.find((one, at) => at >= i - 1 && one.tsMs === tsMs);
        return bar === undefined ? [] : [[asset, bar] as const];
      });
      market.pushHour(new Map(hour));
      if (i < HOURS - 45 || i % 11 !== 0) continue;
      const endMs = tsMs + MS_PER_HOUR;
      expect(continued.forecast('ETH', until(endMs))).toEqual(market.current('ETH'));
    }
    const last = market.current('ETH');
    const end = START_MS + HOURS * MS_PER_HOUR;
    expect(createMarketModel(linearModels).forecast('ETH', until(end))).toEqual(last);
    // Bars of the other coin after the asset's own last are not read.
    const later = { ...until(end), bars: new Map([...all, ['ETH', all.get('ETH')!.slice(0, -5)] as const]) };
    expect(createMarketModel(linearModels).forecast('ETH', later)).toEqual(
      createMarketModel(linearModels).forecast('ETH', {
        ...until(end - 5 * MS_PER_HOUR),
        funding: later.funding,
      }),
    );
  });

  it('starts anew when the past of the other coin changes', () => {
    const model = createMarketModel(linearModels);
    const history = until(START_MS + HOURS * MS_PER_HOUR);
    const first = model.forecast('ETH', history);
    const bars = history.bars
      .get('BTC')!
      .map((bar, i) => (i === 9500 ? { ...bar, high: bar.high * 1.3 } : bar));
    const changed = { ...history, bars: new Map([...history.bars, ['BTC', bars] as const]) };
    expect(model.forecast('ETH', changed)).toEqual(createMarketModel(linearModels).forecast('ETH', changed));
    expect(model.forecast('ETH', changed)).not.toEqual(first);
    expect(model.forecast('ETH', history)).toEqual(first);
  });
});
