import { describe, expect, it } from 'vitest';
import { ForecastDesk, LOADING_REASON } from '../../../gateway/engine/forecast-desk.ts';
import { createForecaster } from '../../../models/serving/forecaster.ts';
import { loadModels } from '../../../models/serving/load-models.ts';
import { createMarketModel } from '../../../models/serving/market-model.ts';
import { syntheticBars } from '../../models/synthetic.ts';

const bars = syntheticBars(9_950, 131);

describe('the forecast desk', { timeout: 240_000 }, () => {
  it('answers by logHAR at once, by the network once it is loaded, and goes on hour by hour', async () => {
    const desk = new ForecastDesk({ simulated: true, backends: ['wasm'] });
    desk.takeBars({ key: 'NEW', reset: false, rows: bars.slice(0, 9_900) });
    const interim = desk.forecast('NEW');
    const plain = createForecaster('NEW');
    for (const bar of bars.slice(0, 9_900)) plain.push(bar);
    expect(interim).toEqual(plain.current().map((one) => ({ ...one, fallbackReason: LOADING_REASON })));
    expect(desk.prepare()).toBe(null);
    expect(await desk.load()).toMatchObject({ name: 'network', reason: null });
    expect(desk.prepare()).toBe('NEW');
    expect([desk.prepare(), desk.waiting]).toEqual([null, false]);
    expect(desk.forecast('NEW')[0]).toMatchObject({ model: 'network', fallbackReason: null });
    desk.takeBars({ key: 'NEW', reset: false, rows: bars.slice(9_900) });
    const { models } = await loadModels({ simulated: true, backends: ['wasm'] });
    expect(desk.forecast('NEW')).toEqual(
      createMarketModel(models).forecast('NEW', { bars: new Map([['NEW', bars]]) }),
    );
  });

  it('serves the linear models with the reason when there is no artifact, and nothing without history', async () => {
    const desk = new ForecastDesk({ artifactDir: '/nowhere' });
    expect(desk.forecast('NEW')).toEqual([]);
    expect(await desk.load()).toMatchObject({ name: 'logHARX168', network: null });
    expect(desk.prepare()).toBe('NEW');
    desk.takeBars({ key: 'NEW', reset: false, rows: bars.slice(0, 500) });
    const [one] = desk.forecast('NEW');
    expect(one).toMatchObject({ model: 'EWMA' });
    expect(one!.fallbackReason).toMatch(/^network: model artifact cannot be read; logHARX168: 500 hours/);
    // A reset replaces what was there.
    desk.takeBars({ key: 'NEW', reset: true, rows: bars.slice(0, 100) });
    expect(desk.forecast('NEW')).toEqual([]);
  });
});
