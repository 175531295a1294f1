import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import { Regime } from '../calibration/regime.ts';
import { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS, type HourlyBar, QUANTILE_LEVELS } from '../forecast.ts';
import { CalibratedModel } from '../serving/calibrated-model.ts';

/** What one model said at every decision time of the range, calibrated; first index the horizon. */
export interface ModelTrack {
  readonly name: string;
  readonly mean: readonly Float64Array[];
  readonly log: readonly Float64Array[];
  /** Quantile forecasts, row-major: QUANTILE_LEVELS per row. */
  readonly quantiles: readonly Float64Array[];
  /** P(24 h variance above the regime's threshold). */
  readonly highProbability: Float64Array;
}

/** Forecasts and outcomes of one asset over a range of decision times. */
export interface AssetWalk {
  readonly asset: string;
  readonly fromMs: UnixMs;
  readonly rows: number;
  /** Y_h per horizon, NaN where not scored. */
  readonly outcomes: readonly Float64Array[];
  /** Regime threshold in force; NaN before there is one. */
  readonly threshold: Float64Array;
  /** 1 where the trailing 24 h variance was still at or below it. */
  readonly calm: Uint8Array;
  readonly tracks: readonly ModelTrack[];
}

export interface WalkRange {
  /** First decision time. */
  readonly fromMs: UnixMs;
  /** Decision times before this one. */
  readonly toMs: UnixMs;
}

/** Rows the grid will have before the range starts, for models that may skip work nobody sees. */
export function rowsBefore(bars: readonly HourlyBar[], fromMs: UnixMs): number {
  return bars.length === 0 ? 0 : Math.max(0, Math.round((fromMs - bars[0]!.tsMs) / MS_PER_HOUR) - 1);
}

/**
 * Walks all models through the bars, one at a time: at every decision time of the range each has seen the bars closed
 * by then and nothing else. Bars after the range only resolve its outcomes.
 */
export function walkAsset(
  asset: string,
  bars: readonly HourlyBar[],
  models: readonly RawModel[],
  range: WalkRange,
): AssetWalk {
  const rows = Math.max(0, Math.round((range.toMs - range.fromMs) / MS_PER_HOUR));
  const column = () => HORIZONS_HOURS.map(() => new Float64Array(rows).fill(Number.NaN));
  const grid = new HourlyGrid();
  const regime = new Regime();
  const calibrated = models.map((model) => new CalibratedModel(model));
  const tracks = models.map((model) => ({
    name: model.name,
    mean: column(),
    log: column(),
    quantiles: HORIZONS_HOURS.map(() => new Float64Array(rows * QUANTILE_LEVELS.length).fill(Number.NaN)),
    highProbability: new Float64Array(rows).fill(Number.NaN),
  }));
  const threshold = new Float64Array(rows).fill(Number.NaN);
  const calm = new Uint8Array(rows);
  const longest = HORIZONS_HOURS.at(-1)!;
  let first = Number.NaN;
  for (const bar of bars) {
    const next = grid.length;
    grid.push(bar);
    first = Math.round((range.fromMs - grid.decisionMs(0)) / MS_PER_HOUR);
    if (next > first + rows + longest) break;
    for (let i = next; i < grid.length && i < first + rows; i++) {
      regime.step(grid, i);
      for (const model of calibrated) model.step(grid, i);
      const row = i - first;
      if (row < 0) continue;
      threshold[row] = regime.threshold;
      calm[row] = regime.calm ? 1 : 0;
      calibrated.forEach((model, m) => {
        record(model, tracks[m]!, row, regime.threshold);
      });
    }
  }
  const outcomes = HORIZONS_HOURS.map((h) =>
    Float64Array.from({ length: rows }, (_, row) => grid.outcome(first + row, h)),
  );
  return { asset, fromMs: range.fromMs, rows, outcomes, threshold, calm, tracks };
}

function record(model: CalibratedModel, track: ModelTrack, row: number, threshold: number): void {
  model.horizons.forEach((horizon, k) => {
    track.mean[k]![row] = horizon.mean;
    track.log[k]![row] = horizon.log;
    QUANTILE_LEVELS.forEach((p, q) => {
      track.quantiles[k]![row * QUANTILE_LEVELS.length + q] = horizon.quantile(p);
    });
  });
  track.highProbability[row] = model.probabilityAbove(model.horizons.length - 1, threshold);
}
