import type { MarginQuestion } from '../../risk/liquidation/liquidation-price.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import {
  correlatedCrash,
  HISTORICAL_CRASHES,
  lostChain,
  type StressScenario,
  vanishedLiquidity,
} from '../../risk/stress/scenarios.ts';
import { multiplierOf } from '../../risk/stress/shock.ts';
import { reverseStress, stressTest } from '../../risk/stress/stress.ts';
import type { AnalysisAsk, Stress } from './analysis-results.ts';
import { figures } from './plan-analysis.ts';

export const GRID_SPOT_MOVES = [-0.5, -0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3, 0.5] as const;
export const GRID_VOLATILITIES = [0.75, 1, 1.5, 2] as const;
/** Share of the notional that closing costs when nobody takes the other side. */
const VANISHED_COST = 0.1;
const CRASHES = [-0.3, -0.5] as const;

/** The account in every scenario and cell of the grid, and the smallest move that breaks it. */
export function stressOf(
  question: MarginQuestion<unknown>,
  { betas }: AnalysisAsk['stress'],
  result: MarginResult,
): Stress {
  const { portfolio, markets } = question;
  const on = portfolio.positions.flatMap(({ chain }) => chain ?? []);
  const chains = [...new Set([...on, ...(portfolio.cashOn?.keys() ?? [])])].sort();
  const held = portfolio.positions.map((position) =>
    'market' in position ? markets.get(position.market)?.asset : position.asset,
  );
  const assets = [...new Set(held.filter((asset) => asset !== undefined))].sort();
  const scenarios = [
    ...HISTORICAL_CRASHES,
    ...CRASHES.map(correlatedCrash),
    vanishedLiquidity(VANISHED_COST),
    ...chains.map(lostChain),
  ];
  const grid = GRID_VOLATILITIES.flatMap((volatility) =>
    GRID_SPOT_MOVES.map((others): StressScenario => ({ ...CELL, others, volatility })),
  );
  return {
    scenarios: stressTest(question, scenarios).map(
      ({ scenario, margin, changeWad, equityAfterClosingWad }) => ({
        ...figures(margin),
        name: scenario.name,
        source: scenario.source,
        multipliers: new Map(assets.map((asset) => [asset, multiplierOf(scenario, asset)])),
        volatility: scenario.volatility,
        closingCost: scenario.closingCost,
        lostChain: scenario.lostChain,
        changeWad,
        equityAfterClosingWad,
      }),
    ),
    grid: stressTest(question, grid).map(({ scenario, margin }) => ({
      ...figures(margin),
      spotMove: scenario.others,
      volatility: scenario.volatility,
    })),
    // Without the positions that have no value the smallest move would be that of another account.
    reverse: result.status === 'unknown' ? null : reverseStress(question, betas),
  };
}

const CELL = { name: 'grid', source: 'grid', moves: {}, closingCost: 0, lostChain: null };
