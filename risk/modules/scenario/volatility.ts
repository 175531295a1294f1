import type { ScenarioExpiry } from './account.ts';
import type { SkewParameters, VolShock, VolShockParameters } from './parameters.ts';

const THIRTY_DAYS = 30 / 365;

/** m = (30d / max(T, floor))^p, with the power chosen by the time before the floor. */
export function termMultiple(tau: number, p: VolShockParameters): number {
  const power = tau <= THIRTY_DAYS ? p.shortTermPower : p.longTermPower;
  return (THIRTY_DAYS / Math.max(tau, p.floorDays / 365)) ** power;
}

/** Relative change of a volatility by the skew shock at log-moneyness `k`. */
function skewChange(k: number, tau: number, absolute: boolean, p: SkewParameters): number {
  const root = Math.sqrt(tau);
  const cap = absolute ? p.absoluteCap + p.absoluteCapSlope * root : p.linearCap + p.linearCapSlope * root;
  const width = Math.max(
    p.minimumWidth,
    p.widthScale * root * (p.widthVolatility + p.widthVolatilitySlope * root),
  );
  const at = absolute ? Math.abs(k) : k;
  const change = (at * cap) / width;
  return at >= 0 ? Math.min(cap, change) : Math.max(-cap, change);
}

/** Volatilities of an expiry's legs under one shock. `skew` null: the version has no skew scenarios. */
export function shockedVolatilities(
  expiry: ScenarioExpiry,
  shock: VolShock,
  p: VolShockParameters,
  skew: SkewParameters | null,
): Float64Array {
  const { tau, legs } = expiry;
  const multiple = termMultiple(tau, p);
  const forward = expiry.forwardFixed + expiry.forwardVariable;
  return Float64Array.from(legs, ({ volatility, strike }) => {
    if (shock === 'up') return Math.max(p.minimumUp, volatility * (1 + p.up * multiple));
    if (shock === 'down') return volatility * Math.max(0, 1 - p.down * multiple);
    if (shock === 'none' || skew === null) return volatility;
    const change = skewChange(Math.log(strike / forward), tau, shock === 'absolute-skew', skew);
    return volatility * Math.max(0, 1 + change);
  });
}
