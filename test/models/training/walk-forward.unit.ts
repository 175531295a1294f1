import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogHarx168 } from '../../../models/baselines/log-harx168.ts';
import { harxContext } from '../../../models/features/asset-context.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { buildRows } from '../../../models/network/dataset.ts';
import { type LoadedTensorFlow, loadTensorFlow } from '../../../models/network/loader.ts';
import { DEFAULT_TRAINING } from '../../../models/network/options.ts';
import { CalibratedModel } from '../../../models/serving/calibrated-model.ts';
import {
  createPredictedModel,
  predictWalk,
  refitTimes,
  trainRefits,
} from '../../../models/training/walk-forward.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const hour = (n: number) => START_MS + n * MS_PER_HOUR;
const OPTIONS = { ...DEFAULT_TRAINING, hidden: [8], embedding: 2, epochs: 1 };

describe('refits', () => {
  it('begin a year before the range and follow every 4380 hours', () => {
    const range = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2025, 5, 29) };
    const times = refitTimes(range);
    expect(times).toHaveLength(5);
    expect(times[2]).toBe(range.fromMs);
    expect(times[0]).toBe(range.fromMs - 8760 * MS_PER_HOUR);
    expect(times[4]! - times[3]!).toBe(4380 * MS_PER_HOUR);
  });
});

describe('the walk-forward network', () => {
  let loaded: LoadedTensorFlow;
  const range = { fromMs: hour(19_000), toMs: hour(19_400) };
  const bars = syntheticBars(19_400, 51);
  const cut = 19_200;
  const altered = bars.map((bar, i) =>
    i < cut ? bar : { ...bar, low: bar.low / 2, volume: bar.volume * 5 },
  );
  const histories = new Map([['XYZ', { bars, funding: null }]]);
  const walk = async (list: readonly HourlyBar[]) => {
    const rows = buildRows(
      'XYZ',
      list,
      harxContext('XYZ', new Map([['XYZ', { bars: list, funding: null }]])),
    );
    const refits = await trainRefits(loaded.tf, [rows], range, OPTIONS, [1], () => {});
    return { rows, refits, predicted: predictWalk(loaded.tf, rows, refits) };
  };
  let original: Awaited<ReturnType<typeof walk>>;
  beforeAll(async () => {
    loaded = await loadTensorFlow(['wasm']);
    original = await walk(bars);
  });

  it('says nothing before its first refit and something at every usable row after', () => {
    const { rows, predicted, refits } = original;
    // A year before the range there were 354 rows: the first refit is the second of the schedule.
    expect(refits.map((one) => one.fromMs)).toEqual([hour(19_000 - 4380), hour(19_000)]);
    rows.decisionMs.forEach((ms, row) => {
      expect(Number.isNaN(predicted.predictions.shift[3 * row]!)).toBe(
        ms < range.fromMs - 4380 * MS_PER_HOUR,
      );
    });
  });

  it('does not change a prediction at or before a decision time when everything after it changes', async () => {
    const changed = await walk(altered);
    // Decision times are closes: the last untouched one is the open of the first altered bar.
    const upTo = original.rows.decisionMs.findLastIndex((ms) => ms <= hour(cut)) + 1;
    expect(upTo).toBeGreaterThan(9000);
    expect(changed.predicted.predictions.shift.slice(0, 3 * upTo)).toEqual(
      original.predicted.predictions.shift.slice(0, 3 * upTo),
    );
    expect(changed.predicted.predictions.quantiles.slice(0, 27 * upTo)).toEqual(
      original.predicted.predictions.quantiles.slice(0, 27 * upTo),
    );
    expect(changed.predicted.predictions.shift.slice(3 * upTo)).not.toEqual(
      original.predicted.predictions.shift.slice(3 * upTo),
    );
  });

  it('has no refit where too few rows had ended', async () => {
    const heard: string[] = [];
    const early = { fromMs: hour(10_000), toMs: hour(10_100) };
    const refits = await trainRefits(loaded.tf, [original.rows], early, OPTIONS, [1], (line) =>
      heard.push(line),
    );
    expect(refits).toEqual([]);
    expect(heard).toHaveLength(3);
    expect(heard[0]).toMatch(/^refit 2022-02-21T16:00:00.000Z: 0 rows are too few$/);
  });

  it('keeps refits in a directory and takes those it finds, unless the data are others', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'breakwater-refits-'));
    try {
      const heard: string[] = [];
      const kept = (hash: string) =>
        trainRefits(loaded.tf, [original.rows], range, OPTIONS, [1], (line) => heard.push(line), {
          dir,
          dataSha256: { XYZ: hash },
          backend: 'wasm',
        });
      const first = await kept('a');
      expect(first.map((one) => one.fromMs)).toEqual(original.refits.map((one) => one.fromMs));
      expect(await readdir(dir)).toHaveLength(first.length);
      heard.length = 0;
      const second = await kept('a');
      expect(heard.filter((line) => line.endsWith('seed 1: already trained'))).toHaveLength(2);
      expect(heard.some((line) => line.includes('epoch'))).toBe(false);
      expect(predictWalk(loaded.tf, original.rows, second)).toEqual(original.predicted);
      heard.length = 0;
      await kept('b');
      expect(heard.some((line) => line.includes('already'))).toBe(false);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('stands on its linear base before the first refit when asked to', () => {
    const { rows, predicted } = original;
    const base = (row: number) => Math.exp(rows.base[3 * row + 2]!);
    const early = rows.decisionMs[5]!;
    const late = rows.decisionMs[rows.rows - 1]!;
    const seen = (linearBefore: boolean) => {
      const model = createPredictedModel('1', predicted, harxContext('XYZ', histories), linearBefore);
      const means = new Map<number, { readonly mean: number; readonly log: number }>();
      const grid = new HourlyGrid();
      for (const bar of bars) {
        grid.push(bar);
        const { mean, log } = model.push(grid, grid.length - 1);
        means.set(grid.decisionMs(grid.length - 1), { mean: mean[2]!, log: log[2]! });
      }
      return means;
    };
    const plain = seen(false);
    const linear = seen(true);
    expect(plain.get(early)!.mean).toBeNaN();
    expect(linear.get(early)).toEqual({ mean: base(5), log: rows.base[17]! });
    expect(linear.get(late)).toEqual(plain.get(late));
    expect(linear.get(late)!.mean).not.toBe(base(rows.rows - 1));
  });

  it('pools its odds of high variance with those of logHARX168 on the same rows', () => {
    const context = () => harxContext('XYZ', histories);
    const network = createPredictedModel('1', original.predicted, context());
    const pooled = new CalibratedModel(network);
    const linear = new CalibratedModel(createLogHarx168(context()));
    const grid = new HourlyGrid();
    let rowsPooled = 0;
    for (const bar of bars) {
      grid.push(bar);
      const i = grid.length - 1;
      pooled.step(grid, i);
      linear.step(grid, i);
      const level = grid.variance.trail(i, 24);
      const own = pooled.horizons[2]!.probabilityAbove(level);
      const found = pooled.probabilityAbove(2, level);
      if (Number.isNaN(own)) expect(found).toBeNaN();
      else {
        rowsPooled += 1;
        expect(found).toBeCloseTo(0.8 * own + 0.2 * linear.probabilityAbove(2, level), 12);
      }
    }
    expect(rowsPooled).toBeGreaterThan(4000);
  });
});
