import type { UnixMs } from '../../risk/units/time.ts';
import { SECONDS_PER_YEAR } from '../../risk/units/time.ts';
import type { PutMarketData } from '../client/types.ts';
import { SETTLEMENT_HOUR_UTC } from '../engine/instruments.ts';

const DAY_MS = 86_400_000;
/** Weeks from the first Friday to each expiry that the demo venue lists. */
const WEEKS = [0, 1, 4, 12] as const;
/** The nearest expiry is at least this far away. */
const NEAREST_MS = 2 * DAY_MS;
/** Strikes as shares of the price. */
const MONEYNESS = [0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.3, 1.5] as const;
/** Yearly carry of the forwards, and the rate of the quote asset. */
const CARRY = 0.04;
/** Speed at which variance returns to its long-run level, per year: a half-life of 20 days. */
const REVERSION = Math.log(2) / (20 / 365);
/** Skew and curvature of the smile (SSVI, phi = eta / sqrt(theta (1 + theta))): eta (1 + |rho|) < 2 leaves no butterfly. */
const RHO = -0.25;
const ETA = 1;

type Expiry = NonNullable<PutMarketData['expiries']>[number];

/** What the demo venue sees of one asset. */
export interface VenueView {
  readonly price: number;
  /** Present and long-run volatility, annualised. */
  readonly volatility: number;
  readonly longRunVolatility: number;
}

/** Fridays at the settlement hour that the venue lists at a time. */
export function listedExpiries(nowMs: UnixMs): readonly UnixMs[] {
  const day = new Date(nowMs + NEAREST_MS);
  let first = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), SETTLEMENT_HOUR_UTC);
  while (first < nowMs + NEAREST_MS || new Date(first).getUTCDay() !== 5) first += DAY_MS;
  return WEEKS.map((weeks) => first + weeks * 7 * DAY_MS);
}

/**
 * Expiries that the venue quotes: what it lists now, and what it has listed before and is still open, since somebody may hold it.
 * `quoted` keeps them from call to call. Ascending.
 */
export function quotedExpiries(quoted: Set<UnixMs>, nowMs: UnixMs): readonly UnixMs[] {
  for (const expiryMs of listedExpiries(nowMs)) quoted.add(expiryMs);
  for (const expiryMs of quoted) if (expiryMs <= nowMs) quoted.delete(expiryMs);
  return [...quoted].sort((a, b) => a - b);
}

/** Strikes around a price, at two significant digits of it. */
export function listedStrikes(price: number): readonly string[] {
  const step = 10 ** Math.floor(Math.log10(price)) / 20;
  const strikes = MONEYNESS.map((share) => Math.max(step, Math.round((price * share) / step) * step));
  return [...new Set(strikes)].map((strike) => String(Number(strike.toFixed(8))));
}

/**
 * Surface of a venue that expects variance to return to its long-run level: total variance of the expected path at
 * the money, and an SSVI smile around it (Gatheral and Jacquier 2014), written as raw SVI. Free of arbitrage: total
 * variance grows with time.
 */
export function demoExpiries(
  { price, volatility, longRunVolatility }: VenueView,
  nowMs: UnixMs,
  expiries: readonly UnixMs[],
): Expiry[] {
  return expiries.map((expiryMs) => {
    const tau = (expiryMs - nowMs) / 1000 / SECONDS_PER_YEAR;
    const excess = volatility ** 2 - longRunVolatility ** 2;
    const theta = longRunVolatility ** 2 * tau + (excess * -Math.expm1(-REVERSION * tau)) / REVERSION;
    const phi = ETA / Math.sqrt(theta * (1 + theta));
    return {
      expiry: new Date(expiryMs).toISOString(),
      forward: (price * Math.exp(CARRY * tau)).toFixed(8),
      rate: CARRY,
      smile: {
        kind: 'svi',
        a: (theta / 2) * (1 - RHO ** 2),
        b: (theta * phi) / 2,
        rho: RHO,
        m: -RHO / phi,
        sigma: Math.sqrt(1 - RHO ** 2) / phi,
        strikes: [...listedStrikes(price)],
      },
    };
  });
}
