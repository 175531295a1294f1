/** One adverse state of the world; moves are fractions of price (-0.2 = down 20 %). */
export interface StressScenario {
  readonly name: string;
  /** Where the figures come from. */
  readonly source: string;
  readonly moves: Readonly<Record<string, number>>;
  /** For assets without a figure of their own; stablecoins stay. */
  readonly others: number;
  /** Multiplier of implied volatilities. */
  readonly volatility: number;
  /** Cost of closing perps, share of notional; what is left after it is reported. */
  readonly closingCost: number;
  /** Chain whose collateral and gains cannot be reached, or null. */
  readonly lostChain: string | null;
}

const calm = { volatility: 1, closingCost: 0.002, lostChain: null };

function crash(day: string, end: string, moves: Readonly<Record<string, number>>): StressScenario {
  return {
    ...calm,
    name: `crash-${day}`,
    source: `24 h to ${end} UTC, Binance spot hourly closes, the worst of the days around for BTC`,
    moves,
    others: Math.min(...Object.values(moves)),
    volatility: 1.5,
    closingCost: 0.01,
  };
}

/** Historical 24-hour crashes; an asset that did not trade then takes the worst move of those that did. */
export const HISTORICAL_CRASHES: readonly StressScenario[] = [
  crash('2020-03-12', '2020-03-13 02:00', { BTC: -0.4645, ETH: -0.4778 }),
  crash('2021-05-19', '2021-05-19 13:00', { BTC: -0.1984, ETH: -0.3075, SOL: -0.3226 }),
  crash('2022-05-11', '2022-05-12 06:00', { BTC: -0.1371, ETH: -0.2292, SOL: -0.3604 }),
  crash('2022-06-13', '2022-06-14 02:00', { BTC: -0.1908, ETH: -0.1919, SOL: -0.107 }),
  crash('2022-11-09', '2022-11-09 17:00', { BTC: -0.1613, ETH: -0.2403, SOL: -0.4292 }),
  crash('2024-08-05', '2024-08-05 13:00', { BTC: -0.1844, ETH: -0.2378, SOL: -0.2283 }),
];

/** Everything falls by `move` at once, also what was a hedge. */
export function correlatedCrash(move: number): StressScenario {
  const name = `correlated-crash-${Math.round(-move * 100)}`;
  return { ...calm, name, source: 'hypothetical', moves: {}, others: move, volatility: 2, closingCost: 0.02 };
}

/** Prices stay; closing costs `cost` of the notional. */
export function vanishedLiquidity(cost: number): StressScenario {
  const base = { ...calm, source: 'hypothetical', moves: {}, others: 0 };
  return { ...base, name: 'vanished-liquidity', volatility: 1.25, closingCost: cost };
}

/** Prices stay; collateral on the chain gives nothing and gains there cannot be fetched, losses stay. */
export function lostChain(chain: string): StressScenario {
  return {
    ...calm,
    name: `chain-lost-${chain}`,
    source: 'hypothetical',
    moves: {},
    others: 0,
    lostChain: chain,
  };
}
