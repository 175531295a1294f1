import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUANTILE_LEVELS } from '../../../models/forecast.ts';
import { loadArtifact } from '../../../models/network/artifact.ts';
import { loadTensorFlow } from '../../../models/network/loader.ts';
import { createPredictor } from '../../../models/network/predict.ts';
import { PROBE_TOLERANCE, probeDifference, probePredictions } from '../../../models/network/probe.ts';
import { createMarketForecaster } from '../../../models/serving/market-forecaster.ts';
import { networkModels } from '../../../models/serving/network-models.ts';
import { syntheticBars } from '../synthetic.ts';

const SHIPPED = join(import.meta.dirname, '../../../models/artifacts/network');
/** 13.6 months: the first refit, then two calibrations of a week each, 30 days of errors and their waits. */
const NETWORK_HISTORY_HOURS = 9886;

describe('the artifact that ships', () => {
  it('repeats what it predicted at training, on WASM and on plain CPU', async () => {
    const artifact = await loadArtifact(SHIPPED);
    expect(artifact.info.assets).toEqual(['BTC', 'ETH', 'SOL']);
    expect(artifact.networks).toHaveLength(artifact.info.seeds.length);
    for (const backend of ['cpu', 'wasm'] as const) {
      const { tf } = await loadTensorFlow([backend]);
      const predictor = createPredictor(tf, artifact.networks);
      expect(probeDifference(artifact.probe, probePredictions(predictor)), backend).toBeLessThan(
        PROBE_TOLERANCE,
      );
      predictor.dispose();
    }
  });

  it('serves a coin it has not seen, from 13.6 months of hours on, and logHARX168 before', async () => {
    const artifact = await loadArtifact(SHIPPED);
    const { tf } = await loadTensorFlow(['wasm']);
    const market = createMarketForecaster(['NEW'], networkModels(tf, artifact, { simulated: true }));
    const served: string[] = [];
    for (const bar of syntheticBars(NETWORK_HISTORY_HOURS, 71)) {
      market.pushHour(new Map([['NEW', bar]]));
      if (bar.tsMs >= syntheticBars(1)[0]!.tsMs + (NETWORK_HISTORY_HOURS - 2) * 3_600_000) {
        served.push(market.current('NEW')[0]!.model);
      }
    }
    expect(served).toEqual(['logHARX168', 'network']);
    for (const one of market.current('NEW')) {
      expect(one.modelVersion).toBe(`${artifact.info.version}+${artifact.sha256.slice(0, 12)}`);
      expect(one.limitations).toEqual([]);
      expect(one.quantiles.map((q) => q.p)).toEqual([...QUANTILE_LEVELS]);
      for (let q = 1; q < one.quantiles.length; q++) {
        expect(one.quantiles[q]!.variance).toBeGreaterThan(one.quantiles[q - 1]!.variance);
      }
      expect(one.meanVariance).toBeGreaterThan(one.quantiles[1]!.variance);
      expect(one.meanVariance).toBeLessThan(one.quantiles[7]!.variance);
    }
  });
});
