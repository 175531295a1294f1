import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import { type ClassificationScores, classify } from './classification.ts';
import { dieboldMariano, mean, meanSquaredError, neweyWestLags, qlike, rSquared } from './scores.ts';
import type { AssetWalk } from './walk.ts';

export interface HorizonScores {
  readonly model: string;
  readonly horizonHours: number;
  /** Scored hours: every model finite, no missing bar in the target, target above 1e-9. */
  readonly n: number;
  readonly qlike: number;
  readonly r2: number;
  readonly mse: number;
  /** Diebold-Mariano t of QLIKE against these models; null for the model itself or where it is absent. */
  readonly dmLogHar: number | null;
  readonly dmLogHarx168: number | null;
  /** Share of outcomes at or below each quantile of QUANTILE_LEVELS; NaN where a quantile was missing. */
  readonly coverage: readonly number[];
}

export interface RegimeScores {
  readonly model: string;
  readonly all: ClassificationScores;
  /** Rows whose trailing 24 h variance was still at or below the threshold. */
  readonly onset: ClassificationScores;
}

export interface AssetScores {
  readonly asset: string;
  readonly horizons: readonly HorizonScores[];
  readonly regime: readonly RegimeScores[];
}

/** The protocol's scores of every model of a walk. */
export function scoreWalk(walk: AssetWalk): AssetScores {
  return {
    asset: walk.asset,
    horizons: HORIZONS_HOURS.flatMap((h, k) => scoreHorizon(walk, h, k)),
    regime: scoreRegime(walk),
  };
}

/** Rows scored at horizon index k. */
export function scoredRows(walk: AssetWalk, k: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < walk.rows; row++) {
    if (!(walk.outcomes[k]![row]! > 0)) continue;
    if (walk.tracks.every((track) => track.mean[k]![row]! > 0 && Number.isFinite(track.log[k]![row]!)))
      rows.push(row);
  }
  return rows;
}

function scoreHorizon(walk: AssetWalk, horizonHours: number, k: number): HorizonScores[] {
  const rows = scoredRows(walk, k);
  const outcome = rows.map((row) => walk.outcomes[k]![row]!);
  const logs = outcome.map(Math.log);
  const losses = new Map(
    walk.tracks.map((track) => [
      track.name,
      rows.map((row, at) => qlike(outcome[at]!, track.mean[k]![row]!)),
    ]),
  );
  return walk.tracks.map((track) => {
    const loss = losses.get(track.name)!;
    const predicted = rows.map((row) => track.log[k]![row]!);
    const against = (name: string) => {
      const benchmark = losses.get(name);
      if (benchmark === undefined || name === track.name || rows.length < 2) return null;
      return dieboldMariano(loss, benchmark, neweyWestLags(horizonHours));
    };
    return {
      model: track.name,
      horizonHours,
      n: rows.length,
      qlike: mean(loss),
      r2: rSquared(logs, predicted),
      mse: meanSquaredError(logs, predicted),
      dmLogHar: against('logHAR'),
      dmLogHarx168: against('logHARX168'),
      coverage: QUANTILE_LEVELS.map((_, q) => {
        const bounds = rows.map((row) => track.quantiles[k]![row * QUANTILE_LEVELS.length + q]!);
        return bounds.some(Number.isNaN)
          ? Number.NaN
          : mean(bounds.map((bound, at) => (outcome[at]! <= bound ? 1 : 0)));
      }),
    };
  });
}

function scoreRegime(walk: AssetWalk): RegimeScores[] {
  const daily = HORIZONS_HOURS.length - 1;
  const known = (row: number) =>
    !Number.isNaN(walk.threshold[row]!) &&
    walk.tracks.every((track) => !Number.isNaN(track.highProbability[row]!));
  const rows = scoredRows(walk, daily).filter(known);
  const label = (row: number) => (walk.outcomes[daily]![row]! > walk.threshold[row]! ? 1 : 0);
  const calm = rows.filter((row) => walk.calm[row] === 1);
  return walk.tracks.map((track) => {
    const on = (chosen: readonly number[]) =>
      classify(
        chosen.map((row) => track.highProbability[row]!),
        chosen.map(label),
      );
    return { model: track.name, all: on(rows), onset: on(calm) };
  });
}
