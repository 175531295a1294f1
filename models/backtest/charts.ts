import type { BacktestResult } from './format-backtest.ts';
import { frontierChart } from './frontier/frontier-chart.ts';
import { PLAIN_MODEL, YARDSTICK_MODEL } from './margin-model.ts';
import type { AssetMargins } from './margin-walk.ts';
import type { MarginScores } from './score-margins.ts';
import { type Chart, COLOURS, pointChart, timeChart } from './svg-chart.ts';
import type { TradeOff } from './trade-off.ts';
import type { Side } from './trailing-losses.ts';

export interface NamedChart {
  /** Base name of its file. */
  readonly name: string;
  readonly chart: Chart;
}

/** Margins over time without a buffer, and the yardstick model's under each policy, over the days' losses. */
export function marginCharts(walk: AssetMargins, side: Side): NamedChart[] {
  const losses = { name: 'loss', colour: '#bbbbbb', values: walk.losses[side] };
  const ofSide = walk.series.filter((one) => one.side === side);
  const chart = (title: string, chosen: typeof ofSide, nameOf: (one: (typeof ofSide)[number]) => string) => {
    const lines = chosen.map((one, at) => ({
      name: nameOf(one),
      colour: COLOURS[at % COLOURS.length]!,
      values: one.margins,
    }));
    return timeChart(`${walk.asset} ${side}: ${title}`, walk.days, lines, losses, 0.02, 1);
  };
  const plain = ofSide.filter((one) => one.policy === 'unbuffered');
  const buffered = ofSide.filter((one) => one.model === YARDSTICK_MODEL);
  return [
    {
      name: `margins-${walk.asset}-${side}`,
      chart: chart('margins without a buffer', plain, (one) => one.model),
    },
    {
      name: `policies-${walk.asset}-${side}`,
      chart: chart(`${YARDSTICK_MODEL} under each policy`, buffered, (one) => one.policy),
    },
  ];
}

/**
 * Procyclicality against shortfall at one mean margin: the lower left is better. The line is what the yardstick model gives
 * with any plain stress weight.
 */
export function tradeOffChart(
  { asset, side, points: curve }: TradeOff,
  group: readonly MarginScores[],
): NamedChart {
  const models = [...new Set(group.map((one) => one.model))];
  const colourOf = (model: string) => COLOURS[models.indexOf(model) % COLOURS.length]!;
  // Every flat multiple of historical simulation is the same point.
  const points = group
    .filter((one) => one.model !== PLAIN_MODEL || one.policy === 'unbuffered' || one.policy === 'floor')
    .map((one) => ({
      name: one.policy,
      colour: colourOf(one.model),
      x: one.peakTrough,
      y: 1e4 * one.shortfallAtPlainMean,
    }));
  return {
    name: `trade-off-${asset}-${side}`,
    chart: pointChart(
      `${asset} ${side}: trade-off`,
      'peak/trough',
      'mean shortfall at the mean margin of historical simulation, basis points',
      points,
      [
        ...models.map((name) => ({ name, colour: colourOf(name) })),
        { name: 'stress weights 0 to 100 %', colour: '#999999' },
      ],
      curve.map((one) => [one.peakTrough, 1e4 * one.shortfallAtPlainMean] as const),
    ),
  };
}

/** The frontier of an asset, where its book was simulated. */
export function frontierCharts(asset: string, { frontier }: Pick<BacktestResult, 'frontier'>): NamedChart[] {
  const points = frontier.filter((one) => one.asset === asset);
  return points.length === 0 ? [] : [{ name: `frontier-${asset}`, chart: frontierChart(asset, points) }];
}
