import type { UnixMs } from '../../risk/units/time.ts';
import { mean, qlike } from '../evaluation/scores.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import type { AssetRows } from '../network/dataset.ts';
import type { Predictor } from '../network/predict.ts';

const HORIZONS = HORIZONS_HOURS.length;

/** QLIKE of the network and of its linear base over rows of one asset, both with their own mean ratio over them. */
export interface RowScore {
  readonly asset: string;
  readonly horizonHours: number;
  readonly rows: number;
  readonly base: number;
  readonly network: number;
}

/** Scores the rows decided in [fromMs, toMs); for choices on held-out time, the walk itself is the measure. */
export function scoreRows(
  predictor: Predictor,
  data: readonly AssetRows[],
  fromMs: UnixMs,
  toMs: UnixMs,
): RowScore[] {
  return data.flatMap((one) => {
    const first = one.decisionMs.findIndex((ms) => ms >= fromMs);
    const end = one.decisionMs.findIndex((ms) => ms >= toMs);
    const last = end < 0 ? one.rows : end;
    if (first < 0 || last <= first) return [];
    const width = one.dense.length / one.rows;
    const { shift } = predictor.predict({
      rows: last - first,
      dense: one.dense.subarray(first * width, last * width),
      cells: one.cells.subarray(2 * first, 2 * last),
    });
    return HORIZONS_HOURS.map((horizonHours, k) => {
      const outcome: number[] = [];
      const base: number[] = [];
      const network: number[] = [];
      for (let row = first; row < last; row++) {
        const e = one.residual[row * HORIZONS + k]!;
        if (Number.isNaN(e)) continue;
        const log = one.base[row * HORIZONS + k]!;
        outcome.push(Math.exp(log + e));
        base.push(Math.exp(log));
        network.push(Math.exp(log + shift[(row - first) * HORIZONS + k]!));
      }
      const score = (forecast: number[]) => {
        const ratio = mean(outcome) / mean(forecast);
        return mean(outcome.map((y, at) => qlike(y, forecast[at]! * ratio)));
      };
      return {
        asset: one.asset,
        horizonHours,
        rows: outcome.length,
        base: score(base),
        network: score(network),
      };
    });
  });
}

/** Mean of log(network QLIKE / base QLIKE) over assets and horizons: below zero the network is better. */
export function meanGain(scores: readonly RowScore[]): number {
  return mean(scores.map((one) => Math.log(one.network / one.base)));
}
