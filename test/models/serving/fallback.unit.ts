import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FundingSeries } from '../../../models/features/funding-series.ts';
import type { HourlyBar, VolatilityForecast } from '../../../models/forecast.ts';
import { type Artifact, loadArtifact } from '../../../models/network/artifact.ts';
import { loadTensorFlow, type Tf } from '../../../models/network/loader.ts';
import { createForecaster, type Forecaster } from '../../../models/serving/forecaster.ts';
import { loadModels, SHIPPED_ARTIFACT_DIR } from '../../../models/serving/load-models.ts';
import { createMarketModel } from '../../../models/serving/market-model.ts';
import { networkModels } from '../../../models/serving/network-models.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 10_050;
const bars = syntheticBars(HOURS, 121);
let dir: string;
let artifact: Artifact;
let tf: Tf;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-fallback-'));
  artifact = await loadArtifact(SHIPPED_ARTIFACT_DIR);
  ({ tf } = await loadTensorFlow(['wasm']));
});
afterAll(() => rm(dir, { recursive: true }));

function filled(forecaster: Forecaster, list: readonly HourlyBar[]): readonly VolatilityForecast[] {
  for (const bar of list) forecaster.push(bar);
  return forecaster.current();
}

const serve = (
  list: readonly HourlyBar[],
  { artifact: used = artifact, simulated = true, funding = new FundingSeries() } = {},
) =>
  filled(
    createForecaster('NEW', networkModels(tf, used, { simulated })({ other: null, funding }, 'NEW')),
    list,
  );

describe('the chain of models', { timeout: 240_000 }, () => {
  it('serves the network while nothing is wrong, and says nothing of a fallback', () => {
    for (const one of serve(bars)) {
      expect(one).toMatchObject({ model: 'network', fallbackReason: null, limitations: [] });
      expect(one.calibration.watch).toMatchObject({ state: 'ok', reasons: [] });
      expect(one.calibration.watch!.hours).toBeGreaterThan(690);
      expect(one.calibration.watch!.benchmark!.ratio).toBeCloseTo(1, 0);
    }
  });

  it('falls back with the reason when the artifact is damaged or absent', async () => {
    const damaged = join(dir, 'damaged');
    await cp(SHIPPED_ARTIFACT_DIR, damaged, { recursive: true });
    const weights = await readFile(join(damaged, 'weights.bin'));
    weights[4000] = weights[4000]! ^ 1;
    await writeFile(join(damaged, 'weights.bin'), weights);
    const cases = [
      [
        damaged,
        'network: model artifact manifest.json or weights.bin does not match the hashes of SHA256SUMS',
      ],
      [join(dir, 'absent'), 'network: model artifact cannot be read'],
    ] as const;
    for (const [artifactDir, reason] of cases) {
      const { models, absent } = await loadModels({ artifactDir, simulated: true });
      const [one] = createMarketModel(models, absent).forecast('NEW', { bars: new Map([['NEW', bars]]) });
      expect(one).toMatchObject({ model: 'logHARX168', fallbackReason: reason, limitations: [] });
    }
  });

  it('does not serve an artifact for a time it was trained on, nor calibrate it there', () => {
    const endMs = bars.at(-1)!.tsMs + MS_PER_HOUR;
    const trainedTo = (trainedUntilMs: number): Artifact => ({
      ...artifact,
      info: { ...artifact.info, trainedUntilMs },
    });
    const [at] = serve(bars, { artifact: trainedTo(endMs), simulated: false });
    expect(at).toMatchObject({ model: 'logHARX168', limitations: [] });
    expect(at!.fallbackReason).toMatch(
      /^network: artifact trained to 2023-02-23T18:00Z, not before the decision/,
    );
    const [soon] = serve(bars, { artifact: trainedTo(endMs - 700 * MS_PER_HOUR), simulated: false });
    expect(soon!.model).toBe('logHARX168');
    const [later] = serve(bars, { artifact: trainedTo(START_MS + 9_000 * MS_PER_HOUR), simulated: false });
    expect(later).toMatchObject({ model: 'network', fallbackReason: null });
  });

  it('is neutral about funding that never began and falls back to logHAR when it has stopped', () => {
    const until = (hours: number) => {
      const funding = new FundingSeries();
      for (let h = 0; h <= hours; h += 8) funding.push({ tsMs: START_MS + h * MS_PER_HOUR, rate: 1e-4 });
      return funding;
    };
    expect(serve(bars, { funding: until(HOURS) })[0]!.model).toBe('network');
    const [one] = serve(bars, { funding: until(HOURS - 40) });
    expect(one!.model).toBe('logHAR');
    expect(one!.fallbackReason).toBe(
      'network: the last funding payment is 42 h old; logHARX168: the last funding payment is 42 h old',
    );
  });

  it('goes down to EWMA with too short a history, restricted', () => {
    const [one] = serve(bars.slice(0, 2_000));
    expect(one!.model).toBe('EWMA');
    expect(one!.fallbackReason).toBe(
      ['network', 'logHARX168', 'logHAR']
        .map((name) => `${name}: 2000 hours of history are too few for a calibrated ${name}`)
        .join('; '),
    );
    expect(one!.limitations.map(({ code }) => code)).toEqual(['short-history']);
  });

  it('passes a network over whose output is not finite', () => {
    const [factory] = [networkModels(tf, artifact, { simulated: true })];
    const models = factory!({ other: null, funding: new FundingSeries() }, 'NEW');
    let broken = false;
    const network = models[0]!;
    const push: typeof network.push = (grid, i) => {
      const out = network.push(grid, i);
      return broken ? { ...out, mean: out.mean.map(() => Number.NaN) } : out;
    };
    const forecaster = createForecaster('NEW', [{ ...network, push }, ...models.slice(1)]);
    for (const bar of bars.slice(0, -1)) forecaster.push(bar);
    expect(forecaster.current()[0]!.model).toBe('network');
    broken = true;
    forecaster.push(bars.at(-1)!);
    const [one] = forecaster.current();
    expect(one).toMatchObject({
      model: 'logHARX168',
      fallbackReason: 'network: network gave no finite forecast',
      limitations: [],
    });
    expect(one!.meanVariance).toBeGreaterThan(0);
  });

  it('leaves the network at a gap of three hours in the day, the regressions at a gap of twelve', () => {
    const without = (from: number, to: number) => bars.filter((_, i) => i < HOURS - from || i >= HOURS - to);
    const [short] = serve(without(6, 3));
    expect(short).toMatchObject({
      model: 'logHARX168',
      fallbackReason: 'network: 3 of the last 24 hours are missing',
    });
    const [long] = serve(without(15, 3));
    expect(long!.model).toBe('EWMA');
    for (const one of [short!, long!]) {
      expect(one.limitations.map(({ code }) => code)).toEqual(['missing-hours']);
    }
    expect(serve(without(6, 4))[0]!.model).toBe('network');
  });

  it('leaves a network that has drifted, and says which figures say so', () => {
    const models = networkModels(tf, artifact, { simulated: true })(
      { other: null, funding: new FundingSeries() },
      'NEW',
    );
    const network = models[0]!;
    // From the last 30 days on it forecasts eight times the variance.
    const push: typeof network.push = (grid, i) => {
      const out = network.push(grid, i);
      if (i < HOURS - 720) return out;
      return {
        ...out,
        mean: out.mean.map((x) => 8 * x),
        log: out.log.map((x) => x + Math.log(8)),
        knots: out.knots!.map((knots) => knots.map((x) => x + Math.log(8))),
      };
    };
    const one = filled(createForecaster('NEW', [{ ...network, push }, ...models.slice(1)]), bars)[0]!;
    expect(one.model).toBe('logHARX168');
    expect(one.limitations).toEqual([]);
    expect(one.fallbackReason).toMatch(/^network: does not fit the last 30 days \(1 h: /);
    expect(one.fallbackReason).toMatch(/QLIKE \d+\.\d % above logHARX168 \(t \d/);
  });
});
