import { blackPrice } from '../../pricing/black76.ts';
import type { OptionGroup } from '../book/option-book.ts';

/** Rates of short options after the buffer, as fractions of spot or of the premium. */
export interface OptionRates {
  readonly maxSpot: number;
  readonly minSpot: number;
  readonly maintenanceCall: number;
  readonly maintenancePut: number;
  readonly maintenancePutOfPremium: number;
  readonly putOffset: number;
  readonly unpaired: number;
}

/** Value and requirement of each leg of one expiry, in quote, in the order of the legs. */
export interface OptionMargins {
  readonly values: Float64Array;
  /** Requirement over the leg's value: what it takes from equity. */
  readonly requirements: Float64Array;
}

/** Value minus requirement of one short, the premium included (negative). */
function isolatedShort(
  size: number,
  spot: number,
  strike: number,
  isCall: boolean,
  value: number,
  initial: boolean,
  rates: OptionRates,
): number {
  const otm = Math.max(0, isCall ? strike - spot : spot - strike);
  const spotTerm = Math.max(rates.maxSpot - otm / spot, rates.minSpot) * spot * size + value;
  if (isCall) return initial ? spotTerm : value + rates.maintenanceCall * spot * size;
  const maintenance =
    Math.min(rates.maintenancePut * spot * size, rates.maintenancePutOfPremium * value) + value;
  return initial ? Math.min(spotTerm, maintenance * rates.putOffset) : maintenance;
}

/** Payoff of one unit at expiry. */
function payoff(level: number, strike: number, isCall: boolean): number {
  return Math.max(0, isCall ? level - strike : strike - level);
}

/**
 * Margin of one expiry: the better of the sum of isolated shorts and the worst payoff at zero and at each strike plus
 * a charge for unpaired short calls; longs give no credit. Black-76 premiums with df = 1. The worst payoff is linear
 * in sizes, so each leg takes its own share of it.
 */
export function optionMargins(
  group: Pick<OptionGroup, 'tau' | 'legs'>,
  spot: number,
  forward: number,
  initial: boolean,
  rates: OptionRates,
): OptionMargins {
  const { legs, tau } = group;
  const values = new Float64Array(legs.length);
  const isolated = new Float64Array(legs.length);
  let isolatedSum = 0;
  let netCalls = 0;
  legs.forEach((leg, i) => {
    const premium = blackPrice(forward, leg.strike, tau, leg.volatility, 1, leg.isCall);
    values[i] = leg.size * premium;
    if (leg.contracts < 0) {
      isolated[i] = isolatedShort(leg.contracts, spot, leg.strike, leg.isCall, values[i]!, initial, rates);
    }
    isolatedSum += isolated[i]!;
    if (leg.isCall) netCalls += leg.size;
  });

  let worst = 0;
  let worstLevel: number | null = null;
  for (const level of [0, ...legs.map((leg) => leg.strike)]) {
    let total = 0;
    for (const leg of legs) total += leg.size * payoff(level, leg.strike, leg.isCall);
    if (total < worst) {
      worst = total;
      worstLevel = level;
    }
  }
  const unpaired = netCalls < 0 ? rates.unpaired * forward : 0;
  const bounded = worst + unpaired * netCalls;

  const margins = isolated;
  if (bounded > isolatedSum) {
    legs.forEach((leg, i) => {
      const atWorst = worstLevel === null ? 0 : leg.size * payoff(worstLevel, leg.strike, leg.isCall);
      margins[i] = atWorst + (leg.isCall ? unpaired * leg.size : 0);
    });
  }
  return { values, requirements: values.map((value, i) => value - margins[i]!) };
}
