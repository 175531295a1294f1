import type { ScenarioPoint, VolShock } from '../modules/scenario/parameters.ts';
import { BLOCK } from './wasm/kernel.ts';

/** First columns of a block of marks: the mark, and the marks with the forward up and down. */
export const MARK_COLUMNS = 3;
const SKEWS_PER_BLOCK = BLOCK - MARK_COLUMNS;

export const isSkew = (shock: VolShock): boolean => shock === 'linear-skew' || shock === 'absolute-skew';

/** Which scenario stands in which column; -1 where none does. Blocks of marks come first. */
export interface GridPlan {
  readonly markBlocks: number;
  readonly blocks: number;
  /** Scenario index by column, `blocks` x 8. */
  readonly scenarioOf: Int32Array;
}

/** Lays scenarios out in blocks of eight columns: shocks of skew beside the marks, the others in blocks of their own. */
export function gridPlan(scenarios: readonly Pick<ScenarioPoint, 'volatility'>[]): GridPlan {
  const skews: number[] = [];
  const ordinary: number[] = [];
  scenarios.forEach((scenario, i) => {
    (isSkew(scenario.volatility) ? skews : ordinary).push(i);
  });
  const markBlocks = Math.max(1, Math.ceil(skews.length / SKEWS_PER_BLOCK));
  const blocks = markBlocks + Math.ceil(ordinary.length / BLOCK);
  const scenarioOf = new Int32Array(blocks * BLOCK).fill(-1);
  skews.forEach((scenario, i) => {
    const block = Math.floor(i / SKEWS_PER_BLOCK);
    scenarioOf[block * BLOCK + MARK_COLUMNS + (i % SKEWS_PER_BLOCK)] = scenario;
  });
  ordinary.forEach((scenario, i) => {
    scenarioOf[markBlocks * BLOCK + i] = scenario;
  });
  return { markBlocks, blocks, scenarioOf };
}
