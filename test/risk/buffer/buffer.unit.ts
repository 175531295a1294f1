import { describe, expect, it } from 'vitest';
import { advanceBuffer } from '../../../risk/buffer/advance.ts';
import { bufferKey, bufferSchema } from '../../../risk/buffer/parameters.ts';
import { type BufferSchedule, factorsAt } from '../../../risk/buffer/schedule.ts';
import { bufferTarget, policyFactor, varianceAt } from '../../../risk/buffer/target.ts';
import { NOW, view } from '../fixtures.ts';

const HOUR = 3_600_000;
const p = bufferSchema.parse({ policy: 'none' });
/** Forecast whose 95 % quantile is `factor` times the reference. */
const forecast = (factor: number, atMs = NOW, over = {}) =>
  view('BTC', (0.03 * factor) / 2, { asOfMs: atMs, ...over });
const step = (schedule: BufferSchedule | null, factor: number | null, atMs = NOW) =>
  advanceBuffer(
    schedule,
    bufferTarget('BTC', factor === null ? null : forecast(factor, atMs), p, atMs),
    atMs,
    p,
  );

describe('buffer target', () => {
  it('is the quantile of volatility over its reference', () => {
    const target = bufferTarget('BTC', forecast(1.7), p, NOW);
    expect(target.factor).toBeCloseTo(1.7, 12);
    expect(target.sigmaReference).toBeCloseTo(0.03, 15);
  });

  it('interpolates quantiles between the levels and refuses to extrapolate', () => {
    const one = view('BTC', 0.02);
    expect(varianceAt(one, 0.5)).toBeCloseTo(0.0004, 15);
    const between = varianceAt(one, 0.9)!;
    expect(between).toBeGreaterThan(varianceAt(one, 0.75)!);
    expect(between).toBeLessThan(varianceAt(one, 0.95)!);
    expect(varianceAt(one, 0.999)).toBeNull();
    expect(varianceAt(one, 0.01)).toBeNull();
  });

  it('has no quantile from a forecast with impossible probabilities', () => {
    const points = [0, 1].map((p) => ({ p, variance: 0.001 }));
    expect(varianceAt(view('BTC', 0.02, { varianceQuantiles: points }), 0.5)).toBeNull();
  });

  it.each([
    ['none', 0.4, 1],
    ['none', 1.7, 1.7],
    ['none', 9, 3],
    ['buffer25', 0.4, 1.25],
    ['buffer25', 1.7, 1.7],
    ['stress25', 1, 1.5],
    ['stress25', 2, 2.25],
    ['floor', 0.4, (0.8 * Math.sqrt(24 / 8760)) / 0.03],
    ['floor', 2.5, 2.5],
  ] as const)('%s turns a ratio of %f into %f', (policy, ratio, factor) => {
    expect(policyFactor(0.03 * ratio, 0.03, bufferSchema.parse({ policy }))).toBeCloseTo(factor, 12);
  });

  it.each([
    ['forecast-missing', null],
    ['forecast-stale', forecast(1, NOW - 4 * HOUR)],
    ['forecast-from-future', forecast(1, NOW + 1)],
    ['reference-missing', forecast(1, NOW, { referenceVariance: null })],
    ['forecast-invalid', forecast(1, NOW, { varianceQuantiles: [{ p: 0.5, variance: Number.NaN }] })],
  ] as const)('says %s and then may not lower', (code, given) => {
    const target = bufferTarget('BTC', given, p, NOW);
    expect(target.factor).toBeNull();
    expect(target.mayLower).toBe(false);
    expect(target.reasons[0]!.code).toBe(code);
  });
});

describe('buffer schedule', () => {
  it('starts at the target', () => {
    expect(factorsAt(step(null, 1.5), NOW)).toMatchObject({
      initialFactor: 1.5,
      maintenanceFactor: 1.5,
      effectiveFromMs: null,
    });
  });

  it('starts at the cap when there never was a forecast', () => {
    const now = factorsAt(step(null, null), NOW);
    expect([now.initialFactor, now.maintenanceFactor]).toEqual([3, 3]);
    expect(now.reasons[0]!.code).toBe('forecast-missing');
  });

  it('raises initial at once and maintenance over the notice period, halving the gap as it says', () => {
    const schedule = step(step(null, 1), 2);
    const at = (hours: number) => factorsAt(schedule, NOW + hours * HOUR);
    expect(at(0)).toMatchObject({
      initialFactor: 2,
      maintenanceFactor: 1,
      effectiveFromMs: NOW + 24 * HOUR,
      maintenanceTarget: 2,
    });
    // gap 2^(-12/12) = 1/2, normalised by the gap left at 24 h (1/4): 2 - (1/2 - 1/4)/(3/4)
    expect(at(12).maintenanceFactor).toBeCloseTo(2 - 1 / 3, 12);
    expect(at(24)).toMatchObject({ maintenanceFactor: 2, effectiveFromMs: null });
  });

  it('keeps a running notice when the same forecast comes again each hour', () => {
    const once = step(step(null, 1), 2);
    let often = once;
    for (let hour = 1; hour <= 10; hour++) often = step(often, 2, NOW + hour * HOUR);
    for (const hours of [10, 15, 24]) {
      const moment = NOW + hours * HOUR;
      expect(factorsAt(often, moment).maintenanceFactor).toBeCloseTo(
        factorsAt(once, moment).maintenanceFactor,
        12,
      );
    }
    expect(factorsAt(often, NOW + 11 * HOUR).effectiveFromMs).toBe(NOW + 24 * HOUR);
  });

  it('gives new notice for a further rise, and keeps the old date for a smaller one', () => {
    const first = step(step(null, 1), 2);
    expect(factorsAt(step(first, 2.5, NOW + 6 * HOUR), NOW + 6 * HOUR).effectiveFromMs).toBe(NOW + 30 * HOUR);
    expect(factorsAt(step(first, 1.9, NOW + 6 * HOUR), NOW + 6 * HOUR).effectiveFromMs).toBe(NOW + 24 * HOUR);
  });

  it('falls with the slow half-life, and only while the forecast is fresh', () => {
    const schedule = step(step(null, 3), 1);
    expect(factorsAt(schedule, NOW).initialFactor).toBe(3);
    const atLimit = factorsAt(schedule, NOW + 3 * HOUR);
    expect(atLimit.initialFactor).toBeCloseTo(1 + 2 * 2 ** (-3 / 72), 12);
    const later = factorsAt(schedule, NOW + 500 * HOUR);
    expect(later.initialFactor).toBe(atLimit.initialFactor);
    expect(later.reasons[0]!.code).toBe('forecast-stale');
  });

  it('holds without a forecast, goes on with an announced rise, and lets a limited forecast raise only', () => {
    const risen = step(step(null, 1), 2);
    const blind = step(risen, null, NOW + HOUR);
    expect(factorsAt(blind, NOW + 48 * HOUR)).toMatchObject({ initialFactor: 2, maintenanceFactor: 2 });
    const limited = (factor: number) =>
      bufferTarget(
        'BTC',
        forecast(factor, NOW, { limitations: [{ code: 'drift', message: 'drifting' }] }),
        p,
        NOW,
      );
    expect(factorsAt(advanceBuffer(risen, limited(1), NOW, p), NOW).initialFactor).toBe(2);
    expect(factorsAt(advanceBuffer(risen, limited(2.6), NOW, p), NOW).initialFactor).toBeCloseTo(2.6, 12);
    expect(factorsAt(advanceBuffer(null, limited(1), NOW, p), NOW).initialFactor).toBe(3);
  });

  it('ignores an older writer', () => {
    const schedule = step(null, 2);
    expect(step(schedule, 1, NOW - 1)).toBe(schedule);
  });

  it('survives JSON and names its parameters', () => {
    const schedule = step(step(null, 1), 2);
    const stored = JSON.parse(JSON.stringify(schedule)) as BufferSchedule;
    expect(factorsAt(stored, NOW + 5 * HOUR)).toEqual(factorsAt(schedule, NOW + 5 * HOUR));
    expect(schedule.key).toBe(bufferKey('BTC', p));
    expect(bufferKey('BTC', p)).not.toBe(bufferKey('BTC', { ...p, cap: 2 }));
  });
});
