import { normalCdf, normalPdf } from '../statistics/normal.ts';
import { blackPrice } from './black76.ts';

const DAYS_PER_YEAR = 365;

/** Greeks as option venues show them, per option on one coin, in quote currency. */
export interface VenueGreeks {
  /** Price in the coin: mark / underlying price. */
  readonly markInCoin: number;
  readonly price: number;
  /** N(d1), not premium adjusted. */
  readonly delta: number;
  /** Per 1 of quote currency. */
  readonly gamma: number;
  /** Per volatility point (1 %). */
  readonly vega: number;
  /** Per day; never more than the value that is left. */
  readonly theta: number;
  /** Per 1 % of rate. */
  readonly rho: number;
}

/**
 * Conventions of Deribit: Black-76 with r = 0, ACT/365 to 08:00 UTC of the expiry day, delta N(d1), vega per point,
 * theta per day (with less than a day left it is limited to the option's value), rho per 1 % as K tau N(d2).
 */
export function venueGreeks(
  underlying: number,
  strike: number,
  tau: number,
  volatility: number,
  isCall: boolean,
): VenueGreeks {
  const price = blackPrice(underlying, strike, tau, volatility, 1, isCall);
  const s = volatility * Math.sqrt(tau);
  const sign = isCall ? 1 : -1;
  if (!(s > 0)) {
    const inside = sign * (underlying - strike) > 0;
    return {
      markInCoin: price / underlying,
      price,
      delta: inside ? sign : 0,
      gamma: 0,
      vega: 0,
      theta: 0,
      rho: 0,
    };
  }
  const d1 = Math.log(underlying / strike) / s + s / 2;
  const density = normalPdf(d1);
  const decay = (underlying * density * volatility) / (2 * Math.sqrt(tau)) / DAYS_PER_YEAR;
  return {
    markInCoin: price / underlying,
    price,
    delta: sign * normalCdf(sign * d1),
    gamma: density / (underlying * s),
    vega: (underlying * density * Math.sqrt(tau)) / 100,
    theta: -(tau * DAYS_PER_YEAR < 1 ? Math.min(decay, price) : decay),
    rho: (sign * strike * tau * normalCdf(sign * (d1 - s))) / 100,
  };
}
