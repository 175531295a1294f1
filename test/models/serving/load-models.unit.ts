import { describe, expect, it } from 'vitest';
import { loadModels } from '../../../models/serving/load-models.ts';
import { createMarketModel } from '../../../models/serving/market-model.ts';
import { syntheticBars } from '../synthetic.ts';

describe('the models that serve', () => {
  it('are the shipped network and the linear models behind it', async () => {
    const loaded = await loadModels({ backends: ['wasm'], simulated: true });
    expect(loaded).toMatchObject({ name: 'network', network: { backend: 'wasm' }, reason: null });
    const bars = new Map([['NEW', syntheticBars(9900, 111)]]);
    const [first] = createMarketModel(loaded.models).forecast('NEW', { bars });
    expect(first).toMatchObject({ model: 'network', modelVersion: loaded.network!.version });
    // With the first row to predict only 100 hours back it cannot be calibrated yet.
    const late = await loadModels({
      backends: ['wasm'],
      simulated: true,
      fromMs: bars.get('NEW')![9800]!.tsMs,
    });
    const [fallback] = createMarketModel(late.models).forecast('NEW', { bars });
    expect(fallback!.model).toBe('logHARX168');
    expect(fallback!.limitations.map((one) => one.code)).toEqual(['short-history']);
  });

  it('are the linear ones, with the reason, when the artifact or every backend is missing', async () => {
    const absent = await loadModels({ artifactDir: '/nowhere' });
    expect(absent).toMatchObject({ name: 'logHARX168', network: null });
    expect(absent.reason).toMatch(/model artifact \/nowhere: cannot be read/);
    expect((await loadModels({ backends: [] })).reason).toMatch(/no TensorFlow.js backend loads/);
  });
});
