import { describe, expect, it } from 'vitest';
import {
  HORIZONS_HOURS,
  type HourlyBar,
  QUANTILE_LEVELS,
  type VolatilityForecast,
} from '../../../models/forecast.ts';
import { InsufficientHistoryError } from '../../../models/serving/errors.ts';
import {
  createForecaster,
  FULL_HISTORY_HOURS,
  SHORT_HISTORY_HOURS,
} from '../../../models/serving/forecaster.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { syntheticBars } from '../synthetic.ts';

const FOURTEEN_MONTHS = 10_220;
const bars = syntheticBars(FOURTEEN_MONTHS + 60);

/** Forecasts at the close of the last bar. */
function forecastOf(history: readonly HourlyBar[]): readonly VolatilityForecast[] {
  const forecaster = createForecaster('ETH');
  for (const bar of history) forecaster.push(bar);
  return forecaster.current();
}

/** Forecasts at the close of every bar from `from` on. */
function walk(history: readonly HourlyBar[], from: number): (readonly VolatilityForecast[])[] {
  const forecaster = createForecaster('ETH');
  const seen: (readonly VolatilityForecast[])[] = [];
  history.forEach((bar, i) => {
    forecaster.push(bar);
    if (i >= from) seen.push(forecaster.current());
  });
  return seen;
}

describe('the forecaster', () => {
  const history = bars.slice(0, FOURTEEN_MONTHS);
  const forecasts = forecastOf(history);

  it('serves logHAR for all horizons from fourteen months of hours', () => {
    expect(forecasts.map((one) => one.horizonHours)).toEqual([...HORIZONS_HOURS]);
    for (const one of forecasts) {
      expect(one).toMatchObject({ asset: 'ETH', model: 'logHAR', modelVersion: '1.0.0', limitations: [] });
      expect(one.asOfMs).toBe(history.at(-1)!.tsMs + MS_PER_HOUR);
      expect(one.quantiles.map((q) => q.p)).toEqual([...QUANTILE_LEVELS]);
      const variances = one.quantiles.map((q) => q.variance);
      for (let at = 1; at < variances.length; at++) expect(variances[at]).toBeGreaterThan(variances[at - 1]!);
      expect(one.meanVariance).toBeGreaterThan(variances[2]!);
      expect(one.meanVariance).toBeLessThan(variances[6]!);
      expect(one.calibration.levelRatio).toBeCloseTo(1, 0);
      expect(one.calibration.coverage90).toBeGreaterThan(0.7);
      expect(one.referenceVariance).toBeGreaterThan(0);
    }
    // Horizons add up: four hours hold about four times one hour, by mean.
    expect(forecasts[2]!.meanVariance / forecasts[0]!.meanVariance).toBeGreaterThan(8);
    expect(new Set(forecasts.map((one) => one.highVolatilityProbability)).size).toBe(1);
  });

  it('falls back to EWMA, saying so, and refuses a history too short for that', () => {
    const before = forecastOf(bars.slice(0, FULL_HISTORY_HOURS - 1));
    expect(before.map((one) => one.model)).toEqual(['EWMA', 'EWMA', 'EWMA']);
    expect(before[0]!.limitations.map((reason) => reason.code)).toEqual(['short-history']);
    expect(forecastOf(bars.slice(0, FULL_HISTORY_HOURS))[0]!.model).toBe('logHAR');
    const month = forecastOf(bars.slice(0, SHORT_HISTORY_HOURS));
    expect(month[2]).toMatchObject({
      model: 'EWMA',
      referenceVariance: null,
      highVolatilityProbability: null,
    });
    expect(month[2]!.quantiles.every((q) => q.variance > 0)).toBe(true);
    expect(() => forecastOf(bars.slice(0, SHORT_HISTORY_HOURS - 1))).toThrow(InsufficientHistoryError);
    expect(() => forecastOf([])).toThrow(/0 hours of history/);
  });

  it('gives the same bits whether it was asked on the way or not', () => {
    const streamed = walk(bars, FOURTEEN_MONTHS - 1);
    for (const length of [FOURTEEN_MONTHS, FOURTEEN_MONTHS + 1, FOURTEEN_MONTHS + 60]) {
      expect(forecastOf(bars.slice(0, length))).toEqual(streamed[length - FOURTEEN_MONTHS]);
    }
  });

  it('sees nothing after the decision time', () => {
    const until = FOURTEEN_MONTHS - 40;
    const other = syntheticBars(100, 77, bars[until]!.tsMs).map((bar) => ({ ...bar, high: bar.high * 3 }));
    const altered = [...bars.slice(0, until), ...other];
    const original = walk(bars.slice(0, until + 20), until - 30);
    const changed = walk(altered.slice(0, until + 20), until - 30);
    expect(changed.slice(0, 30)).toEqual(original.slice(0, 30));
    expect(changed[30]).not.toEqual(original[30]);
  });

  it('does not depend on the unit of the price', () => {
    const scaled = history.map((bar) => ({
      ...bar,
      open: bar.open * 1024,
      high: bar.high * 1024,
      low: bar.low * 1024,
      close: bar.close * 1024,
    }));
    expect(forecastOf(scaled)).toEqual(forecasts);
  });

  it('says so when hours are missing or the present is out of the training range', () => {
    const holed = history.filter((_, i) => i < FOURTEEN_MONTHS - 10 || i > FOURTEEN_MONTHS - 6);
    const codes = forecastOf(holed)[0]!.limitations.map((reason) => reason.code);
    expect(codes).toEqual(['missing-hours']);
    const crash = { ...bars[FOURTEEN_MONTHS]!, low: bars[FOURTEEN_MONTHS]!.low / 1e6 };
    const wild = forecastOf([...history, crash]);
    expect(wild[0]!.limitations.map((reason) => reason.code)).toEqual(['out-of-training-range']);
    expect(Number.isFinite(wild[0]!.meanVariance)).toBe(true);
  });
});
