import { beforeAll, describe, expect, it } from 'vitest';
import { harxContext } from '../../../models/features/asset-context.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { buildRows } from '../../../models/network/dataset.ts';
import { type LoadedTensorFlow, loadTensorFlow } from '../../../models/network/loader.ts';
import { DEFAULT_TRAINING } from '../../../models/network/options.ts';
import { predictWalk, refitTimes, trainRefits } from '../../../models/training/walk-forward.ts';
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
    const { rows, predicted } = original;
    rows.decisionMs.forEach((ms, row) => {
      expect(Number.isNaN(predicted.predictions.shift[3 * row]!)).toBe(
        ms < range.fromMs - 8760 * MS_PER_HOUR,
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
});
