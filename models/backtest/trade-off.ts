import { YARDSTICK_MODEL } from './margin-model.ts';
import type { AssetMargins, MarginSeries } from './margin-walk.ts';
import { STRESS_WEIGHT } from './policies.ts';
import { scoredDays, scoreSeries } from './score-margins.ts';
import { SIDES, type Side } from './trailing-losses.ts';

/** Weights of the stressed volatility along the curve. */
const WEIGHTS = Array.from({ length: 21 }, (_, at) => at / 20);

export interface TradeOffPoint {
  readonly weight: number;
  readonly peakTrough: number;
  readonly largestRise: number;
  readonly shortfallAtPlainMean: number;
}

/**
 * What any plain stress weight buys: the yardstick model's margin with 0 to 100 % of its weight on the stressed volatility.
 * Along it procyclicality falls, and from some weight on shortfall at one mean margin rises.
 */
export interface TradeOff {
  readonly asset: string;
  readonly side: Side;
  readonly points: readonly TradeOffPoint[];
}

/** The curves of both sides; none without the yardstick model or a scored day. */
export function tradeOffs(margins: AssetMargins): TradeOff[] {
  const days = scoredDays(margins);
  return SIDES.flatMap((side) => {
    const of = (policy: string) =>
      margins.series.find(
        (one) => one.model === YARDSTICK_MODEL && one.side === side && one.policy === policy,
      );
    const plain = of('unbuffered');
    const weighted = of('weight25');
    if (plain === undefined || weighted === undefined || days.length === 0) return [];
    const stressed = weighted.margins.map(
      (m, d) => (m - (1 - STRESS_WEIGHT) * plain.margins[d]!) / STRESS_WEIGHT,
    );
    const points = WEIGHTS.map((weight) => {
      const series: MarginSeries = {
        ...plain,
        margins: plain.margins.map((m, d) => (1 - weight) * m + weight * stressed[d]!),
      };
      const { peakTrough, largestRise, shortfallAtPlainMean } = scoreSeries(margins, series, days);
      return { weight, peakTrough, largestRise, shortfallAtPlainMean };
    });
    return [{ asset: margins.asset, side, points }];
  });
}

/**
 * Shortfall of the stress weight that gives this peak/trough: between two weights linear in its logarithm. Null when no
 * weight gives it.
 */
export function shortfallOn({ points }: TradeOff, peakTrough: number): number | null {
  for (let at = 1; at < points.length; at++) {
    const [before, after] = [points[at - 1]!, points[at]!];
    if (peakTrough > before.peakTrough || peakTrough < after.peakTrough) continue;
    const part = Math.log(before.peakTrough / peakTrough) / Math.log(before.peakTrough / after.peakTrough);
    return before.shortfallAtPlainMean * (1 - part) + after.shortfallAtPlainMean * part;
  }
  return null;
}
