import { LEAST_ERROR_ROWS } from '../calibration/calibrated-horizon.ts';
import { assessCalibration, LEAST_MONITOR_ROWS } from '../calibration/calibration-state.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { type CalibrationWatch, HORIZONS_HOURS } from '../forecast.ts';
import type { CalibratedModel } from './calibrated-model.ts';
import type { PassedModel } from './describe-forecast.ts';
import type { ShadowComparison } from './promotion.ts';

/** Calibrated errors a model other than the last resort needs before it serves: 30 days of hours. */
export const LEAST_SERVING_ERRORS = 720;
/** The model whose QLIKE better ones must not exceed. */
const BENCHMARK = 'logHARX168';

export interface Choice {
  readonly serving: CalibratedModel;
  /** Models before it, best first. */
  readonly passed: readonly PassedModel[];
  /** How the serving model did lately, by horizon. */
  readonly watches: readonly CalibrationWatch[];
}

/**
 * The first of `models`, best first, that may serve the last row of the grid; the best drifting one when all that
 * could serve drift; null when none can.
 */
export function chooseModel(models: readonly CalibratedModel[], grid: HourlyGrid): Choice | null {
  const passed: PassedModel[] = [];
  let drifting: Choice | null = null;
  for (const [m, one] of models.entries()) {
    if (one.model.shadow) continue;
    const { name } = one.model;
    const errorRows = m === models.length - 1 ? LEAST_ERROR_ROWS : LEAST_SERVING_ERRORS;
    const refusal = one.refusal(grid, grid.length - 1, errorRows);
    if (refusal !== null) {
      passed.push({ model: name, ...refusal });
      continue;
    }
    const watches = watch(one, benchmarkOf(models, m));
    const choice = { serving: one, passed: [...passed], watches };
    const reasons = watches.flatMap(({ state, reasons: why }, k) =>
      state === 'drifting' ? [`${one.horizons[k]!.horizonHours} h: ${why.join(', ')}`] : [],
    );
    if (reasons.length === 0) return choice;
    drifting ??= choice;
    passed.push({
      model: name,
      code: 'drifting',
      message: `does not fit the last 30 days (${reasons.join('; ')})`,
    });
  }
  return drifting;
}

/** The benchmark, for models before it in the list. */
function benchmarkOf(models: readonly CalibratedModel[], m: number): CalibratedModel | null {
  const at = models.findIndex(({ model }) => model.name === BENCHMARK);
  return at > m ? models[at]! : null;
}

/** How a model did over the last 30 days, by horizon. */
export function watch(one: CalibratedModel, benchmark: CalibratedModel | null): CalibrationWatch[] {
  const inputs = one.model.inputs?.numbers() ?? null;
  return one.monitors.map((monitor, k) => {
    const numbers = monitor.numbers();
    const comparison =
      benchmark === null ? null : monitor.against(benchmark.monitors[k]!, LEAST_MONITOR_ROWS);
    return {
      ...assessCalibration(numbers, comparison, inputs),
      hours: numbers.hours,
      coverage: numbers.hours === 0 ? [] : numbers.coverage,
      benchmark: comparison,
      inputs,
    };
  });
}

/** The first model in shadow against the one after it, by horizon; empty without one. */
export function compareShadow(asset: string, models: readonly CalibratedModel[]): ShadowComparison[] {
  const at = models.findIndex(({ model }) => model.shadow === true);
  const [candidate, serving] = [models[at], models[at + 1]];
  if (candidate === undefined || serving === undefined) return [];
  return candidate.monitors.map((monitor, k) => ({
    asset,
    horizonHours: HORIZONS_HOURS[k]!,
    against: monitor.against(serving.monitors[k]!, 1),
    calibration: assessCalibration(monitor.numbers(), null).state,
  }));
}
