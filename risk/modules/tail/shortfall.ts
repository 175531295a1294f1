import { blackPrice } from '../../pricing/black76.ts';
import { historicalTail } from '../../statistics/historical.ts';
import type { FactorSamples } from './factors.ts';
import type { TailParameters } from './parameters.ts';

/** A position as the simulation sees it. */
export interface TailPosition {
  readonly id: string;
  readonly chain: string | null;
  readonly asset: string;
  /** PnL when the asset's price is multiplied by `moved`. */
  readonly pnl: (moved: number) => number;
}

/** PnL of a European option under full repricing at unchanged volatility and time. */
export function optionPnl(
  size: number,
  forward: number,
  strike: number,
  tau: number,
  volatility: number,
  isCall: boolean,
): (moved: number) => number {
  const before = blackPrice(forward, strike, tau, volatility, 1, isCall);
  return (moved) => size * (blackPrice(forward * moved, strike, tau, volatility, 1, isCall) - before);
}

/** PnL by position and row, and by row. */
interface Simulated {
  readonly byPosition: readonly Float64Array[];
  readonly total: Float64Array;
}

function simulate(
  positions: readonly TailPosition[],
  assets: readonly string[],
  returns: Float64Array,
): Simulated {
  const rows = assets.length === 0 ? 0 : returns.length / assets.length;
  const total = new Float64Array(rows);
  const byPosition = positions.map((position) => {
    const column = assets.indexOf(position.asset);
    const pnl = new Float64Array(rows);
    if (column < 0) return pnl;
    for (let row = 0; row < rows; row++) {
      const value = position.pnl(Math.exp(returns[row * assets.length + column]!));
      pnl[row] = value;
      total[row] = total[row]! + value;
    }
    return pnl;
  });
  return { byPosition, total };
}

/** Mean loss in the tail and each position's share of it (Euler); losses positive, offsets negative. */
interface Shortfall {
  readonly total: number;
  readonly shares: readonly number[];
}

function shortfall({ byPosition, total }: Simulated, tail: number): Shortfall {
  if (total.length === 0) return { total: 0, shares: byPosition.map(() => 0) };
  const { quantile } = historicalTail(total, tail);
  const rows: number[] = [];
  total.forEach((value, row) => {
    if (value <= quantile) rows.push(row);
  });
  const shares = byPosition.map((pnl) => -rows.reduce((sum, row) => sum + pnl[row]!, 0) / rows.length);
  return { total: shares.reduce((sum, share) => sum + share, 0), shares };
}

export interface TailRequirement {
  /** Per position, initial and maintenance. */
  readonly initial: readonly number[];
  readonly maintenance: readonly number[];
  /** PnL of the account at today's volatility, one per row. */
  readonly distribution: Float64Array;
}

/**
 * max((1 - w) ES + w ES(stressed), ES(long run)) at both tails, split over positions by the rows of the tail that
 * binds. An account that gains in every tail needs nothing.
 */
export function tailRequirement(
  positions: readonly TailPosition[],
  samples: FactorSamples,
  p: TailParameters,
): TailRequirement {
  const filtered = simulate(positions, samples.assets, samples.filtered);
  const stressed = simulate(positions, samples.assets, samples.stressed);
  const longRun = simulate(positions, samples.assets, samples.longRun);
  const w = p.stressWeight;
  const at = (tail: number): readonly number[] => {
    const [now, stress, long] = [
      shortfall(filtered, tail),
      shortfall(stressed, tail),
      shortfall(longRun, tail),
    ];
    const mixed = (1 - w) * now.total + w * stress.total;
    if (Math.max(mixed, long.total) <= 0) return positions.map(() => 0);
    return mixed >= long.total
      ? now.shares.map((share, i) => (1 - w) * share + w * stress.shares[i]!)
      : long.shares;
  };
  const initial = at(p.initialTail);
  const maintenance = at(p.maintenanceTail);
  return { initial, maintenance, distribution: filtered.total };
}

/** Share of rows in which `equity` plus the PnL, less the cost of closing, is negative: probability of default. */
export function defaultProbability(
  distribution: Float64Array,
  equity: number,
  closingCost: number,
): number | null {
  if (distribution.length === 0) return null;
  return distribution.filter((pnl) => equity + pnl - closingCost < 0).length / distribution.length;
}
