import { describe, expect, test } from 'vitest';
import {
  DEFAULT_CORRELATION,
  hourlyBetas,
  hourlyCorrelation,
  LEAST_COMMON_RETURNS,
} from '../../../gateway/engine/correlation.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';

/** Bars whose log returns are given. */
function bars(returns: readonly number[]): HourlyBar[] {
  let close = 100;
  return [0, ...returns].map((r, i) => {
    const open = close;
    close *= Math.exp(r);
    return {
      tsMs: i * MS_PER_HOUR,
      open,
      high: Math.max(open, close),
      low: Math.min(open, close),
      close,
      volume: 1,
    };
  });
}

// Orthogonal over every four hours, both without a mean.
const factor = (i: number) => (i % 2 === 0 ? 0.01 : -0.01);
const own = (i: number) => (i % 4 < 2 ? 0.02 : -0.02);
const series = (of: (i: number) => number, count = LEAST_COMMON_RETURNS) =>
  bars(Array.from({ length: count }, (_, i) => of(i)));

const history = new Map([
  ['BTC', series(factor)],
  ['ETH', series((i) => 1.5 * factor(i) + own(i))],
  ['INV', series((i) => -0.5 * factor(i))],
  ['USDC', series(() => 0)],
]);

describe('hourlyBetas', () => {
  test('are the slopes on the reference, whatever an asset does on its own', () => {
    const betas = hourlyBetas(history, 'BTC')!;
    expect(Object.keys(betas)).toEqual(['BTC', 'ETH', 'INV', 'USDC']);
    expect(betas.BTC).toBe(1);
    expect(betas.ETH).toBeCloseTo(1.5, 9);
    expect(betas.INV).toBeCloseTo(-0.5, 9);
    expect(betas.USDC).toBeCloseTo(0, 12);
  });

  test('are correlation x volatility / volatility of the reference', () => {
    const { assets, values } = hourlyCorrelation(history);
    const rho = values[assets.indexOf('ETH')]![assets.indexOf('BTC')]!;
    // Variances: (1.5 x 0.01)^2 + 0.02^2 = 0.025^2, and 0.01^2.
    expect(rho).toBeCloseTo(0.6, 9);
    expect(hourlyBetas(history, 'BTC')!.ETH).toBeCloseTo((rho * 0.025) / 0.01, 9);
  });

  test('are not known without the reference, when it never moved, or with too few common returns', () => {
    expect(hourlyBetas(history, 'SOL')).toBeNull();
    expect(hourlyBetas(history, 'USDC')).toBeNull();
    expect(hourlyBetas(new Map(), 'BTC')).toBeNull();
    const short = new Map([...history, ['NEW', series(factor, LEAST_COMMON_RETURNS - 1)]]);
    expect(hourlyBetas(short, 'BTC')).toBeNull();
    expect(hourlyCorrelation(short).values[0]![1]).toBe(DEFAULT_CORRELATION);
  });
});
