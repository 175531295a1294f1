import { SECONDS_PER_YEAR } from '../../../risk/units/time.ts';
import type { RiskyAsset } from './source.ts';

export interface Regime {
  readonly name: string;
  /** Multiplies every asset's base volatility. */
  readonly volatility: number;
  /** Multiplies every jump intensity. */
  readonly jumps: number;
  /** Mean duration; durations are exponential (the chain is Markov). Infinity keeps the regime. */
  readonly meanHours: number;
  /** Probabilities of the next regime, by index; 0 for itself, sum 1. */
  readonly next: readonly number[];
}

export interface SimulatorParameters {
  /** Annual volatility in the `normal` regime, averaged over the week. */
  readonly baseVolatility: Readonly<Record<RiskyAsset, number>>;
  /** Price at the start of the live part; the history is scaled to end there. */
  readonly startPrice: Readonly<Record<RiskyAsset, number>>;
  /** Correlations of the diffusive shocks, BTC, ETH, SOL. */
  readonly correlation: readonly (readonly number[])[];
  readonly regimes: readonly Regime[];
  readonly firstRegime: number;
  /** Log-volatility factors (Ornstein-Uhlenbeck): stationary standard deviation and half-life. */
  readonly commonFactor: { readonly deviation: number; readonly halfLifeHours: number };
  readonly ownFactor: { readonly deviation: number; readonly halfLifeHours: number };
  /** Jumps of the whole market: log size normal, times the asset's beta. */
  readonly marketJump: JumpLaw & { readonly beta: Readonly<Record<RiskyAsset, number>> };
  /** Jumps of one asset alone. */
  readonly ownJump: JumpLaw;
  /** 168 multipliers of volatility by hour since Thursday 1970-01-01 00:00 UTC mod 168; mean square 1. */
  readonly seasonality: readonly number[];
  /** Deviation of USDC from 1.00 (Ornstein-Uhlenbeck on the log). */
  readonly usdc: { readonly deviation: number; readonly halfLifeHours: number };
  /** Venues: deviation of each venue's mid from the true price (Ornstein-Uhlenbeck on the log). */
  readonly venues: { readonly count: number; readonly deviation: number; readonly halfLifeSeconds: number };
}

export interface JumpLaw {
  readonly perYear: number;
  readonly meanLog: number;
  readonly deviationLog: number;
}

/**
 * Volatility by hour of the week. Figures: exp of the mean log Garman-Klass volatility by hour (weekdays) and by
 * day, Binance spot BTCUSDT 1h, 2023-01 to 2025-06, two decimals. Hour 14 UTC is the opening of the US markets.
 */
const BY_HOUR = [
  1.25, 1.26, 1.1, 0.89, 0.83, 0.83, 0.89, 0.95, 1.0, 0.97, 0.93, 0.97, 1.23, 1.61, 2.0, 1.82, 1.62, 1.5,
  1.41, 1.4, 1.31, 1.21, 1.05, 0.93,
];
/** From Thursday on. */
const BY_DAY = [1.16, 1.12, 0.63, 0.73, 1.2, 1.18, 1.18];

function seasonality(): readonly number[] {
  const raw = BY_DAY.flatMap((day) => BY_HOUR.map((hour) => day * hour));
  const meanSquare = raw.reduce((sum, value) => sum + value * value, 0) / raw.length;
  return raw.map((value) => value / Math.sqrt(meanSquare));
}

/**
 * Defaults; docs/demo.md says why each is what it is. Volatilities, correlations and betas are those of Binance spot
 * hourly candles 2023-01 to 2025-06, rounded.
 */
export const DEFAULT_PARAMETERS: SimulatorParameters = {
  baseVolatility: { BTC: 0.55, ETH: 0.7, SOL: 1.1 },
  startPrice: { BTC: 60_000, ETH: 3_000, SOL: 150 },
  correlation: [
    [1, 0.81, 0.7],
    [0.81, 1, 0.7],
    [0.7, 0.7, 1],
  ],
  regimes: [
    { name: 'calm', volatility: 0.6, jumps: 0.3, meanHours: 240, next: [0, 0.95, 0.05] },
    { name: 'normal', volatility: 1, jumps: 1, meanHours: 120, next: [0.6, 0, 0.4] },
    { name: 'storm', volatility: 2.2, jumps: 6, meanHours: 18, next: [0.1, 0.9, 0] },
  ],
  firstRegime: 1,
  commonFactor: { deviation: 0.2, halfLifeHours: 120 },
  ownFactor: { deviation: 0.2, halfLifeHours: 6 },
  marketJump: { perYear: 20, meanLog: -0.002, deviationLog: 0.015, beta: { BTC: 1, ETH: 1.03, SOL: 1.38 } },
  ownJump: { perYear: 15, meanLog: 0, deviationLog: 0.012 },
  seasonality: seasonality(),
  usdc: { deviation: 3e-4, halfLifeHours: 6 },
  venues: { count: 5, deviation: 1.5e-4, halfLifeSeconds: 60 },
};

export const HOURS_PER_YEAR = SECONDS_PER_YEAR / 3600;

/**
 * Annual volatility that an asset has while one regime lasts: the diffusion (log-volatility factors have mean square
 * 1 after their correction, seasonality too) plus the second moments of both jump laws.
 */
export function expectedAnnualVolatility(p: SimulatorParameters, asset: RiskyAsset, regime: Regime): number {
  const second = (law: JumpLaw) => law.perYear * regime.jumps * (law.meanLog ** 2 + law.deviationLog ** 2);
  const diffusion = (p.baseVolatility[asset] * regime.volatility) ** 2;
  return Math.sqrt(diffusion + second(p.marketJump) * p.marketJump.beta[asset] ** 2 + second(p.ownJump));
}
