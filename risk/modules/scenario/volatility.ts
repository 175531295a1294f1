import type { ScenarioExpiry } from './account.ts';
import type { SkewParameters, VolShock, VolShockParameters } from './parameters.ts';

const THIRTY_DAYS = 30 / 365;

/** m = (30d / max(T, floor))^p, with the power chosen by the time before the floor. */
export function termMultiple(tau: number, p: VolShockParameters): number {
  const power = tau <= THIRTY_DAYS ? p.shortTermPower : p.longTermPower;
  return (THIRTY_DAYS / Math.max(tau, p.floorDays / 365)) ** power;
}

/** A skew shock changes a volatility by the fraction k cap / width of its log-moneyness k, never beyond the cap. */
function skewLine(tau: number, absolute: boolean, p: SkewParameters) {
  const root = Math.sqrt(tau);
  const cap = absolute ? p.absoluteCap + p.absoluteCapSlope * root : p.linearCap + p.linearCapSlope * root;
  const width = Math.max(
    p.minimumWidth,
    p.widthScale * root * (p.widthVolatility + p.widthVolatilitySlope * root),
  );
  return { cap, width };
}

/** Volatilities of an expiry's legs under one shock. `skew` null: the version has no skew scenarios. */
export function shockedVolatilities(
  expiry: ScenarioExpiry,
  shock: VolShock,
  p: VolShockParameters,
  skew: SkewParameters | null,
): Float64Array {
  const { tau, legs } = expiry;
  // plain loops: this runs for every leg and shock, and `Float64Array.from` with a function is many times slower
  const out = new Float64Array(legs.length);
  for (let i = 0; i < out.length; i++) out[i] = legs[i]!.volatility;
  if (shock === 'up' || shock === 'down') {
    const multiple = termMultiple(tau, p);
    const factor = shock === 'up' ? 1 + p.up * multiple : Math.max(0, 1 - p.down * multiple);
    const least = shock === 'up' ? p.minimumUp : 0;
    for (let i = 0; i < out.length; i++) out[i] = Math.max(least, out[i]! * factor);
  } else if (shock !== 'none' && skew !== null) {
    const absolute = shock === 'absolute-skew';
    const { cap, width } = skewLine(tau, absolute, skew);
    const forward = expiry.forwardFixed + expiry.forwardVariable;
    for (let i = 0; i < out.length; i++) {
      const k = Math.log(legs[i]!.strike / forward);
      const at = absolute ? Math.abs(k) : k;
      const change = (at * cap) / width;
      const capped = at >= 0 ? Math.min(cap, change) : Math.max(-cap, change);
      out[i] = out[i]! * Math.max(0, 1 + capped);
    }
  }
  return out;
}
