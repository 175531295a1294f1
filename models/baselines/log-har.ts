import { HAR_WINDOWS_HOURS, writeLogHarColumns } from '../features/har-columns.ts';
import { RegressionModel } from './regression-model.ts';

/**
 * logHAR: log realised variance regressed by least squares on the logs of its hourly, daily, weekly and monthly
 * means (Corsi 2009, in logs), refitted walk-forward.
 */
export function createLogHar(): RegressionModel {
  return new RegressionModel(
    { name: 'logHAR', version: '1.0.0' },
    { width: HAR_WINDOWS_HOURS.length, write: writeLogHarColumns },
    { ridge: 0, cells: 0 },
  );
}
