import {
  FUNDING_COLUMNS,
  HARX_COLUMNS,
  type HarxContext,
  writeHarxColumns,
} from '../features/harx-columns.ts';
import { HOURS_PER_WEEK } from './expanding-regression.ts';
import { RegressionModel } from './regression-model.ts';

/** The version changes whenever a forecast does: networks and kept refits name the one that they stand on. */
export const LOG_HARX168 = { name: 'logHARX168', version: '1.1.0' } as const;

/**
 * logHARX168: logHAR with more windows, downside, returns, volume, the other coin, funding and 167 dummies of the
 * hour of the week, by ridge with penalty 1 on standardised columns. The funding columns enter the first refit that has
 * 8760 hours of payments behind it.
 */
export function createLogHarx168(context: HarxContext): RegressionModel {
  return new RegressionModel(
    LOG_HARX168,
    { width: HARX_COLUMNS.length, write: (grid, i, out) => writeHarxColumns(grid, i, context, out) },
    {
      ridge: 1,
      cells: HOURS_PER_WEEK,
      late: {
        columns: FUNDING_COLUMNS,
        begun: (grid, i) => context.funding.begunBy(grid.decisionMs(i)),
      },
    },
  );
}
