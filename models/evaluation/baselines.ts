import { Ewma } from '../baselines/ewma.ts';
import { GarchModel } from '../baselines/garch/garch-model.ts';
import { Har } from '../baselines/har.ts';
import { HmmModel } from '../baselines/hmm/hmm-model.ts';
import { createLogHar } from '../baselines/log-har.ts';
import { createLogHarx168 } from '../baselines/log-harx168.ts';
import { createClimatology, createRandomWalk } from '../baselines/naive.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import { CALIBRATION_ROWS } from '../calibration/calibrated-horizon.ts';
import type { HarxContext } from '../features/harx-columns.ts';

/**
 * Every baseline, in the order of the table. `rowsBefore` is the number of rows before the first scored one: GARCH
 * models are not fitted for rows that neither are scored nor calibrate a scored one.
 */
export function createBaselines(context: HarxContext, rowsBefore: number): RawModel[] {
  const firstRow = rowsBefore - 2 * CALIBRATION_ROWS;
  return [
    createClimatology(),
    createRandomWalk(),
    new Ewma(),
    new GarchModel('GARCH', { asymmetric: false, distribution: 'normal' }, firstRow),
    new GarchModel('GARCH-t', { asymmetric: false, distribution: 't' }, firstRow),
    new GarchModel('GJR-t', { asymmetric: true, distribution: 't' }, firstRow),
    new HmmModel(),
    new Har(),
    createLogHar(),
    createLogHarx168(context),
  ];
}
