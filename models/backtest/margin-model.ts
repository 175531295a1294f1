import type { UnixMs } from '../../risk/units/time.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import { CalibratedHorizon } from '../calibration/calibrated-horizon.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { POLICIES, type Policy, PolicyFactors } from './policies.ts';
import { MARGIN_HOURS, SIDES, type Side, TrailingLosses, WINDOW_ROWS } from './trailing-losses.ts';

export const PLAIN_MODEL = 'historical simulation';
/** The model whose stress weight is the yardstick of procyclicality. */
export const YARDSTICK_MODEL = 'logHARX168';

/** What all models of an asset share at one row. */
export interface RowContext {
  /** Trailing 365-day median of the realised 24 h variance; null with less than a year. */
  readonly referenceVariance: number | null;
  /** Root of the mean hourly variance since the start of the data, annualised. */
  readonly longRunVolatility: number;
}

const HOURS_PER_YEAR = 8760;

/** Root of the mean hourly variance of the rows up to i, annualised. */
export function longRunVolatility(grid: HourlyGrid, i: number): number {
  return Math.sqrt((grid.variance.trailUpTo(i, i + 1) / (i + 1)) * HOURS_PER_YEAR);
}

/**
 * The margin of one model, walked forward: m(i) = q99 of {L(j)/sqrt(f(j))} over the trailing two years x sqrt(f(i)) with
 * f its calibrated 24 h variance forecast. Without a model f = 1: plain historical simulation.
 */
export class MarginModel {
  readonly name: string;
  private readonly model: RawModel | null;
  private readonly horizon = new CalibratedHorizon(MARGIN_HOURS);
  private readonly losses: Readonly<Record<Side, TrailingLosses>> = {
    long: new TrailingLosses('long'),
    short: new TrailingLosses('short'),
  };
  private readonly factors: PolicyFactors;

  constructor(asset: string, model: RawModel | null) {
    this.name = model?.name ?? PLAIN_MODEL;
    this.model = model;
    this.factors = new PolicyFactors(asset);
  }

  /**
   * Called once per row, in order, after the grid holds row i. `issue` hears of the margins decided at its close, NaN
   * where there is none: the margin of the policy and what maintenance carries of it, which lags a rise by its notice. It
   * is left out for rows nobody asks for.
   */
  step(
    grid: HourlyGrid,
    i: number,
    context: RowContext,
    issue?: (side: Side, policy: Policy, margin: number, lagged: number) => void,
  ): void {
    const nowMs: UnixMs = grid.decisionMs(i);
    const scale = this.scale(grid, i);
    for (const side of SIDES) this.losses[side].step(grid, i, scale);
    // Historical simulation's own volatility is that of its window: it moves no factor but the floor's.
    const windowRows = Math.min(WINDOW_ROWS, i + 1);
    const own = Math.sqrt((grid.variance.trailUpTo(i, WINDOW_ROWS) / windowRows) * MARGIN_HOURS);
    const reference = this.model === null ? own : Math.sqrt(context.referenceVariance ?? Number.NaN);
    const input = {
      sigma: this.model === null ? own : scale,
      reference,
      longRunVolatility: context.longRunVolatility,
    };
    this.factors.step(input, nowMs);
    if (issue === undefined) return;
    for (const side of SIDES) {
      const quantile = this.losses[side].quantile();
      const base = quantile * (this.model === null ? 1 : reference);
      for (const policy of POLICIES) {
        if (policy === 'unbuffered') {
          issue(side, policy, quantile * scale, quantile * scale);
          continue;
        }
        const { initial, maintenance } = this.factors.factors(policy, input, nowMs);
        issue(side, policy, base * initial, base * maintenance);
      }
    }
  }

  /** sqrt(f(i)); NaN where there is no forecast. */
  private scale(grid: HourlyGrid, i: number): number {
    if (this.model === null) return 1;
    const k = HORIZONS_HOURS.indexOf(MARGIN_HOURS);
    const raw = this.model.push(grid, i);
    this.horizon.step(grid, i, raw.mean[k]!, raw.log[k]!);
    return Math.sqrt(this.horizon.mean);
  }
}
