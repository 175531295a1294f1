import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import type { AssetRows } from './dataset.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';
import { type ColumnStatistics, columnStatistics, standardise } from './statistics.ts';

const WIDTH = NETWORK_COLUMNS.length;
const HORIZONS = HORIZONS_HOURS.length;
const LONGEST_MS = HORIZONS_HOURS.at(-1)! * MS_PER_HOUR;
const DAY_MS = 24 * MS_PER_HOUR;
/** Residuals beyond are cut: QLIKE grows exponentially with them. */
const LARGEST_RESIDUAL = 4;
const LEAST_RESIDUAL = -6;

/** Standardised inputs and targets of all training rows, row-major. */
export interface TrainingSet {
  readonly rows: number;
  readonly statistics: ColumnStatistics;
  readonly inputs: Float32Array;
  /** Two per row: UTC, New York. */
  readonly cells: Uint8Array;
  /** Residuals per horizon, cut; 0 where not scored. */
  readonly residuals: Float32Array;
  /** Weights per horizon; 0 where not scored. */
  readonly weights: Float32Array;
}

/** The rows of all assets whose longest target has ended by `untilMs` (purged); a row weighs half after the half-life. */
export function buildTrainingSet(
  data: readonly AssetRows[],
  untilMs: UnixMs,
  halfLifeDays: number,
): TrainingSet {
  const selection = data.map((one) => ({
    one,
    dense: one.dense,
    rows: Uint32Array.from(one.decisionMs.keys()).filter(
      (row) => one.decisionMs[row]! + LONGEST_MS <= untilMs,
    ),
  }));
  const statistics = columnStatistics(selection, WIDTH);
  const rows = selection.reduce((sum, part) => sum + part.rows.length, 0);
  const inputs = new Float32Array(rows * WIDTH);
  const cells = new Uint8Array(rows * 2);
  const residuals = new Float32Array(rows * HORIZONS);
  const weights = new Float32Array(rows * HORIZONS);
  let at = 0;
  for (const { one, rows: chosen } of selection) {
    for (const row of chosen) {
      standardise(statistics, one.dense, row, inputs, at);
      cells.set(one.cells.subarray(2 * row, 2 * row + 2), 2 * at);
      const age = (untilMs - one.decisionMs[row]!) / DAY_MS;
      for (let k = 0; k < HORIZONS; k++) {
        const e = one.residual[row * HORIZONS + k]!;
        if (Number.isNaN(e)) continue;
        residuals[at * HORIZONS + k] = Math.min(Math.max(e, LEAST_RESIDUAL), LARGEST_RESIDUAL);
        weights[at * HORIZONS + k] = 0.5 ** (age / halfLifeDays);
      }
      at += 1;
    }
  }
  return { rows, statistics, inputs, cells, residuals, weights };
}

/** Per horizon, the log of the mean of exp(residual) and the residuals' quantiles: where the heads start. */
export function unconditionalHeads(set: TrainingSet): {
  readonly shifts: number[];
  readonly quantiles: number[][];
} {
  const perHorizon = HORIZONS_HOURS.map((_, k) => {
    const values: number[] = [];
    for (let row = 0; row < set.rows; row++) {
      if (set.weights[row * HORIZONS + k]! > 0) values.push(set.residuals[row * HORIZONS + k]!);
    }
    return values.sort((a, b) => a - b);
  });
  return {
    shifts: perHorizon.map((values) =>
      Math.log(values.reduce((sum, e) => sum + Math.exp(e), 0) / values.length),
    ),
    quantiles: perHorizon.map((values) =>
      QUANTILE_LEVELS.map((p) => values[Math.floor(p * (values.length - 1))]!),
    ),
  };
}

/** Copies the chosen rows into arrays of their own. */
export function gatherBatch(set: TrainingSet, chosen: Uint32Array) {
  const n = chosen.length;
  const batch = {
    rows: n,
    inputs: new Float32Array(n * WIDTH),
    utc: new Int32Array(n),
    newYork: new Int32Array(n),
    residuals: new Float32Array(n * HORIZONS),
    weights: new Float32Array(n * HORIZONS),
  };
  for (let at = 0; at < n; at++) {
    const row = chosen[at]!;
    batch.inputs.set(set.inputs.subarray(row * WIDTH, (row + 1) * WIDTH), at * WIDTH);
    batch.utc[at] = set.cells[2 * row]!;
    batch.newYork[at] = set.cells[2 * row + 1]!;
    batch.residuals.set(set.residuals.subarray(row * HORIZONS, (row + 1) * HORIZONS), at * HORIZONS);
    batch.weights.set(set.weights.subarray(row * HORIZONS, (row + 1) * HORIZONS), at * HORIZONS);
  }
  return batch;
}
