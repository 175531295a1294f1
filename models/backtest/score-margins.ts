import { mean } from '../evaluation/scores.ts';
import { type CoverageTests, testCoverage } from './coverage-tests.ts';
import { PLAIN_MODEL } from './margin-model.ts';
import type { AssetMargins, MarginSeries } from './margin-walk.ts';
import type { Policy } from './policies.ts';
import { CONFIDENCE, SIDES, type Side } from './trailing-losses.ts';

/** Rises are measured over so many days. */
export const RISE_DAYS = 5;
/** Level of the coverage tests. */
export const TEST_LEVEL = 0.05;

export interface MarginScores extends CoverageTests {
  readonly asset: string;
  readonly side: Side;
  readonly model: string;
  readonly policy: Policy;
  readonly meanMargin: number;
  /** Mean over all days of what the loss exceeded the margin by. */
  readonly meanShortfall: number;
  /** The same over the days with an exceedance; null without any. */
  readonly meanExcess: number | null;
  /** Mean shortfall after scaling the margins by one constant to the mean margin of plain historical simulation. */
  readonly shortfallAtPlainMean: number;
  /** Largest over smallest margin. */
  readonly peakTrough: number;
  /** Largest m(d)/m(d-5) - 1. */
  readonly largestRise: number;
  /** Unbuffered: Kupiec and independence at 5 %, two-sided. Buffered: not too many exceedances, one-sided. */
  readonly passes: boolean;
}

/** Days at which every series of the asset has a margin and the loss is known: the same for all. */
export function scoredDays(margins: AssetMargins): number[] {
  return margins.days
    .map((_, d) => d)
    .filter(
      (d) =>
        SIDES.every((side) => Number.isFinite(margins.losses[side][d]!)) &&
        margins.series.every((one) => Number.isFinite(one.margins[d]!)),
    );
}

/** Scores of every series; none when no day has all margins. */
export function scoreMargins(margins: AssetMargins): MarginScores[] {
  const days = scoredDays(margins);
  return days.length === 0 ? [] : margins.series.map((one) => scoreSeries(margins, one, days));
}

/** Scores of one series over the days given. */
export function scoreSeries(
  margins: AssetMargins,
  series: MarginSeries,
  days: readonly number[],
): MarginScores {
  const { asset, losses } = margins;
  const { side, model, policy } = series;
  const margin = days.map((d) => series.margins[d]!);
  const loss = days.map((d) => losses[side][d]!);
  const plain = margins.series.find(
    (one) => one.model === PLAIN_MODEL && one.side === side && one.policy === 'unbuffered',
  )!;
  const plainMean = mean(days.map((d) => plain.margins[d]!));
  const meanMargin = mean(margin);
  const shortfall = (factor: number) => loss.map((l, at) => Math.max(0, l - factor * margin[at]!));
  const short = shortfall(1);
  const coverage = testCoverage(
    short.map((s) => s > 0),
    1 - CONFIDENCE,
  );
  const positionOf = new Map(days.map((d, at) => [d, at]));
  const rises = days.flatMap((d, at) => {
    const before = positionOf.get(d - RISE_DAYS);
    return before === undefined ? [] : [margin[at]! / margin[before]! - 1];
  });
  const twoSided = coverage.kupiecP >= TEST_LEVEL && coverage.independenceP >= TEST_LEVEL;
  const oneSided = coverage.tooManyP >= TEST_LEVEL;
  return {
    asset,
    side,
    model,
    policy,
    ...coverage,
    meanMargin,
    meanShortfall: mean(short),
    meanExcess: coverage.exceedances === 0 ? null : mean(short.filter((s) => s > 0)),
    shortfallAtPlainMean: mean(shortfall(plainMean / meanMargin)),
    peakTrough: Math.max(...margin) / Math.min(...margin),
    largestRise: rises.length === 0 ? Number.NaN : Math.max(...rises),
    passes: policy === 'unbuffered' ? twoSided : oneSided,
  };
}
