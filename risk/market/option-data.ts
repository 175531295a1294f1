import type { UnixMs } from '../units/time.ts';

/** One point of a smile: mark volatility (annualised, 0.8 = 80 %) at a strike in quote per base. */
export interface SmilePoint {
  readonly strike: number;
  readonly volatility: number;
}

/** What a venue says about one expiry of one asset; float64, since it feeds pricing only. */
export interface OptionExpiryData {
  /** When the data was made; it has an age like any price. */
  readonly asOfMs: UnixMs;
  readonly forward: number;
  /** Forward that settlement is converging to in the last hour; null where there is none yet. */
  readonly settlementForward: number | null;
  /** Continuous rate per year of the quote asset to this expiry. */
  readonly rate: number;
  /** Smile by strike, ascending. */
  readonly smile: readonly SmilePoint[];
  /** Confidence scores, 0 to 1. */
  readonly forwardConfidence: number;
  readonly rateConfidence: number;
  readonly volatilityConfidence: number;
}

/**
 * Volatility at a strike: linear in strike between the points, flat outside them; null when the smile is empty or a
 * point in reach is not a positive number.
 */
export function volatilityAt(data: OptionExpiryData, strike: number): number | null {
  const { smile } = data;
  let i = 0;
  while (i < smile.length && smile[i]!.strike < strike) i++;
  const right = smile[Math.min(i, smile.length - 1)];
  const left = smile[Math.max(0, Math.min(i, smile.length) - 1)];
  if (!left || !right) return null;
  const exact = right.strike === strike || left.strike === right.strike;
  const share =
    exact || i === 0 || i === smile.length ? 1 : (strike - left.strike) / (right.strike - left.strike);
  const volatility =
    i === 0 || exact ? right.volatility : left.volatility + share * (right.volatility - left.volatility);
  return Number.isFinite(volatility) && volatility > 0 ? volatility : null;
}
