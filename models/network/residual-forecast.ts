import { emptyForecasts, type OddsBeside, type RawForecasts } from '../baselines/raw-model.ts';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import { QUANTILES } from './architecture.ts';
import { OWN_ODDS_SHARE } from './options.ts';
import type { Predictions } from './predict.ts';

const HORIZONS = HORIZONS_HOURS.length;
const MEDIAN = QUANTILE_LEVELS.indexOf(0.5);

/** Turns network outputs over the linear base into forecasts of the mean, the median log and the quantiles of log Y. */
export class ResidualForecast {
  readonly forecasts: RawForecasts & { readonly mean: Float64Array; readonly log: Float64Array };
  private readonly knots = HORIZONS_HOURS.map(() => new Float64Array(QUANTILES).fill(Number.NaN));
  private readonly flags: boolean[];

  /** `linear`: calibrated horizons of logHARX168 at the same row, for its share of the odds. */
  constructor(linear: OddsBeside['horizons']) {
    const out = emptyForecasts(HORIZONS);
    this.flags = out.outOfRange;
    const beside = { ownShare: OWN_ODDS_SHARE, horizons: linear };
    this.forecasts = { ...out, knots: this.knots, beside };
  }

  /** No forecast at this row. */
  clear(): RawForecasts {
    this.forecasts.mean.fill(Number.NaN);
    this.forecasts.log.fill(Number.NaN);
    for (const knots of this.knots) knots.fill(Number.NaN);
    return this.forecasts;
  }

  /** Row `row` of `predictions` over the log base of each horizon. */
  set(
    base: ArrayLike<number>,
    from: number,
    predictions: Predictions,
    row: number,
    outOfRange = false,
  ): RawForecasts {
    for (let k = 0; k < HORIZONS; k++) {
      const log = base[from + k]!;
      this.forecasts.mean[k] = Math.exp(log + predictions.shift[row * HORIZONS + k]!);
      const at = (row * HORIZONS + k) * QUANTILES;
      for (let q = 0; q < QUANTILES; q++) this.knots[k]![q] = log + predictions.quantiles[at + q]!;
      this.forecasts.log[k] = this.knots[k]![MEDIAN]!;
      this.flags[k] = outOfRange;
    }
    return this.forecasts;
  }
}
