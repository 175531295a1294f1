import type { BatchThread } from './batch.ts';
import { MARK_COLUMNS } from './grid-plan.ts';
import { BLOCK, FACTOR_BYTES, ROW_BYTES } from './wasm/kernel.ts';

/** The losses of one account behind its worst, as `ScenarioLosses` has them. */
export interface AccountLosses {
  readonly optionValue: number;
  readonly pnl: Float64Array;
  readonly forwardLoss: number;
  /** Worst loss, not positive, and its scenario; null: the forward loss, or nothing. */
  readonly loss: number;
  readonly worstIndex: number | null;
}

/**
 * What the kernel sums up for one account, one scenario after the other: the PnL of every scenario and which is
 * the worst. The kernel keeps the worst alone.
 */
export function explainAccount({ arrays, counts, plan }: BatchThread, account: number): AccountLosses {
  const expiries = counts.expiryStarts.length - 1;
  const options = counts.expiryStarts[expiries]!;
  const pnl = new Float64Array(plan.scenarioOf.reduce((most, scenario) => Math.max(most, scenario), -1) + 1);
  let linear = 0;
  for (let k = arrays.accountLinears[account]!; k < arrays.accountLinears[account + 1]!; k++) {
    linear += arrays.linearSizes[k]! * arrays.linearPrices[arrays.linearIds[k]!]!;
  }
  let optionValue = 0;
  let forwardLoss = 0;
  const sumOf = (group: number, block: number, column: number) => {
    let sum = 0;
    for (let k = arrays.groupStarts[group]! / 4; k < arrays.groupStarts[group + 1]! / 4; k++) {
      const option = arrays.positionRows[k]! / ROW_BYTES;
      sum += arrays.positionSizes[k]! * arrays.matrix[(block * options + option) * BLOCK + column]!;
    }
    return sum;
  };
  for (let g = arrays.accountGroups[account]! / 4; g < arrays.accountGroups[account + 1]! / 4; g++) {
    const expiry = arrays.groupExpiries[g]! / FACTOR_BYTES;
    const mark = sumOf(g, 0, 0);
    optionValue += mark;
    const change = Math.min(sumOf(g, 0, 1) - mark, sumOf(g, 0, 2) - mark, 0);
    forwardLoss += change * arrays.forwardFactors[expiry]!;
    plan.scenarioOf.forEach((scenario, at) => {
      if (scenario < 0) return;
      const block = Math.floor(at / BLOCK);
      const column = at % BLOCK;
      const factor = (block * expiries + expiry) * 2 * BLOCK + column;
      const value = sumOf(g, block, column);
      const perMark = arrays.columns[block * 2 * BLOCK + BLOCK + column]!;
      const moved =
        value * arrays.factors[factor]! + Math.abs(value) * arrays.factors[factor + BLOCK]! - mark * perMark;
      const isSkew = block < plan.markBlocks && column >= MARK_COLUMNS;
      pnl[scenario]! += isSkew ? -Math.abs(moved) : moved;
    });
  }
  let loss = Math.min(0, forwardLoss);
  let worstIndex: number | null = null;
  plan.scenarioOf.forEach((scenario, at) => {
    if (scenario < 0) return;
    const block = Math.floor(at / BLOCK);
    pnl[scenario]! += linear * arrays.columns[block * 2 * BLOCK + (at % BLOCK)]!;
  });
  pnl.forEach((value, scenario) => {
    if (value < loss || Number.isNaN(value)) {
      loss = value;
      worstIndex = scenario;
    }
  });
  return { optionValue, pnl, forwardLoss, loss, worstIndex };
}
