import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { harxContext } from '../../../models/features/asset-context.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../../../models/forecast.ts';
import { headBias, QUANTILES, quantileMatrix, splitHeads } from '../../../models/network/architecture.ts';
import { ArtifactError, loadArtifact, saveArtifact } from '../../../models/network/artifact.ts';
import { type AssetRows, buildRows } from '../../../models/network/dataset.ts';
import { type LoadedTensorFlow, loadTensorFlow } from '../../../models/network/loader.ts';
import { NETWORK_COLUMNS } from '../../../models/network/network-columns.ts';
import { NetworkModel } from '../../../models/network/network-model.ts';
import { DEFAULT_TRAINING } from '../../../models/network/options.ts';
import { createPredictor } from '../../../models/network/predict.ts';
import { type Network, trainNetwork } from '../../../models/network/train-network.ts';
import { networkModels } from '../../../models/serving/network-models.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 10_200;
const OPTIONS = { ...DEFAULT_TRAINING, hidden: [16], embedding: 3, epochs: 3, batch: 256 };
const bars = syntheticBars(HOURS, 31);
const context = (list = bars) => harxContext('XYZ', new Map([['XYZ', { bars: list, funding: null }]]));
const UNTIL = START_MS + 9900 * MS_PER_HOUR;

let loaded: LoadedTensorFlow;
let rows: AssetRows;
let network: Network;
const losses: number[] = [];
beforeAll(async () => {
  loaded = await loadTensorFlow(['wasm']);
  rows = buildRows('XYZ', bars, context());
  network = await trainNetwork(loaded.tf, [rows], UNTIL, OPTIONS, 7, (_, loss) => losses.push(loss));
});

describe('the network', () => {
  it('has inputs for every usable row, and learns', () => {
    expect(rows.rows).toBeGreaterThan(1000);
    expect(rows.dense.length).toBe(rows.rows * NETWORK_COLUMNS.length);
    expect(rows.dense.every(Number.isFinite)).toBe(true);
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(losses[0]!);
  });

  it('gives the same weights for the same seed, whatever comes after the cut', async () => {
    const cut = Math.round((UNTIL - START_MS) / MS_PER_HOUR);
    const altered = bars.map((bar, i) =>
      i < cut ? bar : { ...bar, high: bar.high * 2, volume: bar.volume * 7 },
    );
    const again = await trainNetwork(
      loaded.tf,
      [buildRows('XYZ', altered, context(altered))],
      UNTIL,
      OPTIONS,
      7,
    );
    expect(again).toEqual(network);
    const other = await trainNetwork(loaded.tf, [rows], UNTIL, OPTIONS, 8);
    expect(other.weights.get('w0')).not.toEqual(network.weights.get('w0'));
  });

  it('never crosses its quantiles, on inputs far from any seen', () => {
    const predictor = createPredictor(loaded.tf, [network]);
    const n = 50;
    const dense = Float32Array.from(
      { length: n * NETWORK_COLUMNS.length },
      (_, at) => 40 * Math.sin(at * at),
    );
    const { quantiles } = predictor.predict({ rows: n, dense, cells: new Uint8Array(2 * n).fill(167) });
    predictor.dispose();
    for (let at = 0; at < quantiles.length; at++) {
      if (at % QUANTILES > 0) expect(quantiles[at]).toBeGreaterThanOrEqual(quantiles[at - 1]!);
    }
  });

  it('starts from the quantiles and shifts it is told', () => {
    const wanted = [-2, -1.5, -0.7, 0.1, 0.6, 1.3, 1.8, 2.1, 2.9];
    const bias = headBias([0.2, 0.3, 0.4], [wanted, wanted, wanted]);
    const { tf } = loaded;
    const heads = splitHeads(
      tf,
      tf.tensor2d(bias, [1, bias.length]),
      tf.tensor2d(quantileMatrix()) as Tensor2D,
    );
    expect(heads.map((head) => head.shift.dataSync()[0])).toEqual(
      [0.2, 0.3, 0.4].map((x) => expect.closeTo(x, 6)),
    );
    for (const head of heads)
      expect([...head.quantiles.dataSync()]).toEqual(wanted.map((x) => expect.closeTo(x, 5)));
    expect(wanted).toHaveLength(QUANTILE_LEVELS.length);
  });

  it('predicts hour by hour what it predicts in one batch', () => {
    const predictor = createPredictor(loaded.tf, [network]);
    const batch = predictor.predict(rows);
    const grid = new HourlyGrid();
    const model = new NetworkModel('test', predictor, context());
    const at = new Map(Array.from(rows.decisionMs, (ms, row) => [ms, row]));
    let compared = 0;
    for (const bar of bars) {
      grid.push(bar);
      const i = grid.length - 1;
      const raw = model.push(grid, i);
      if (i < HOURS - 40) continue;
      const row = at.get(grid.decisionMs(i))!;
      HORIZONS_HOURS.forEach((_, k) => {
        const expected = rows.base[row * 3 + k]! + batch.shift[row * 3 + k]!;
        expect(Math.log(raw.mean[k]!)).toBeCloseTo(expected, 4);
        expect(raw.knots![k]![3]).toBe(raw.log[k]);
      });
      compared += 1;
    }
    expect(compared).toBe(40);
    predictor.dispose();
  });

  it('survives its artifact', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'breakwater-artifact-'));
    try {
      const info = {
        name: 'network',
        version: '0.0.1',
        trainedUntilMs: UNTIL,
        assets: ['XYZ'],
        dataSha256: { XYZ: 'none' },
        options: OPTIONS,
        seeds: [7],
        backend: loaded.backend,
        metrics: { loss: losses[2]! },
      };
      const sha256 = await saveArtifact(dir, info, [network], [0.5]);
      const back = await loadArtifact(dir);
      expect(back.sha256).toBe(sha256);
      expect(back.networks).toEqual([network]);
      expect(back.probe).toEqual([0.5]);
      expect(() => networkModels(loaded.tf, back)).toThrow(/predicts otherwise/);
      await expect(loadArtifact(join(dir, 'absent'))).rejects.toBeInstanceOf(ArtifactError);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('the TensorFlow.js loader', () => {
  it('says which backend serves and why others do not', async () => {
    expect(loaded.backend).toBe('wasm');
    const any = await loadTensorFlow();
    expect(any.skipped.map((one) => one.backend)).toEqual(any.backend === 'native' ? [] : ['native']);
    for (const one of any.skipped) expect(one.reason).toMatch(/\S/);
    await expect(loadTensorFlow([])).rejects.toThrow(/no TensorFlow.js backend loads/);
  });

  it('predicts the same on plain CPU as on WASM', async () => {
    const part = {
      rows: 20,
      dense: rows.dense.slice(0, 20 * NETWORK_COLUMNS.length),
      cells: rows.cells.slice(0, 40),
    };
    const wasm = createPredictor(loaded.tf, [network]).predict(part);
    const cpu = await loadTensorFlow(['cpu']);
    const plain = createPredictor(cpu.tf, [network]).predict(part);
    expect(cpu.backend).toBe('cpu');
    plain.shift.forEach((value, at) => {
      expect(Math.abs(value - wasm.shift[at]!)).toBeLessThan(1e-5);
    });
    plain.quantiles.forEach((value, at) => {
      expect(Math.abs(value - wasm.quantiles[at]!)).toBeLessThan(1e-5);
    });
    await loadTensorFlow(['wasm']);
  });
});
