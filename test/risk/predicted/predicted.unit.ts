import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../risk/errors.ts';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { StandardParameters } from '../../../risk/modules/standard/parameters.ts';
import { choleskyOf, uniformCorrelation } from '../../../risk/predicted/correlation.ts';
import {
  ForecastUnavailableError,
  type PredictionInput,
  predictMargin,
} from '../../../risk/predicted/predict.ts';
import { varianceSampler } from '../../../risk/predicted/variance.ts';
import { normalCdf } from '../../../risk/statistics/normal.ts';
import { quasiSequence } from '../../../risk/statistics/sequence.ts';
import { wadToFloat } from '../../../risk/units/wad.ts';
import { account, collateral, MARKETS, perp, refused, snapshot, view, withPrice } from '../fixtures.ts';

const SIGMA = 0.05;
/** A forecast that knows the variance, so that closed forms apply. */
const sure = (asset: string, sigma = SIGMA) =>
  view(asset, sigma, {
    varianceQuantiles: [0.05, 0.5, 0.99].map((p) => ({ p, variance: sigma ** 2 })),
    meanVariance: sigma ** 2,
  });
const market = snapshot({
  volatility: new Map(['BTC', 'ETH'].map((asset) => [asset, new Map([[24, sure(asset)]])])),
});
const base: PredictionInput<StandardParameters> = {
  module: standardModule,
  parameters: standardModule.parseParameters({ buffer: { policy: 'none', cap: 1 } }),
  portfolio: account('6000', perp('p', 'BTC-PERP', '1', '60000')),
  markets: MARKETS,
  market,
  horizonHours: 24,
  quantile: 0.95,
  correlation: uniformCorrelation(['BTC', 'ETH'], 0.8),
};

describe('predicted margin', () => {
  it('meets the moments of a lognormal move', () => {
    const result = predictMargin({ ...base, paths: 8192 });
    expect(wadToFloat(result.initialRequirement.meanWad)).toBeCloseTo(3900, -1);
    const upper = 3000 * Math.exp(1.6448536 * SIGMA - SIGMA ** 2 / 2);
    expect(Math.abs(wadToFloat(result.maintenanceRequirement.quantileWad) - upper)).toBeLessThan(5);
    expect(result.standardError!).toBeLessThan(0.003);
  });

  it.each([1, 4, 12, 48])(
    'meets the reflection principle with %d steps: breaches on the way count',
    (steps) => {
      // first passage of Brownian motion with drift -sigma^2/2 below b = ln(54/57)
      const b = Math.log(54 / 57);
      const mu = -(SIGMA ** 2) / 2;
      const atEnd = normalCdf((b - mu) / SIGMA);
      const exact = atEnd + Math.exp((2 * mu * b) / SIGMA ** 2) * normalCdf((b + mu) / SIGMA);
      const found = predictMargin({ ...base, steps, paths: 8192 }).breachProbability!;
      expect(exact).toBeGreaterThan(1.9 * atEnd);
      expect(Math.abs(found / exact - 1)).toBeLessThan(steps === 1 ? 0.03 : 0.015);
    },
  );

  it('gives the same answer for the same seed and a close one for another', () => {
    const one = predictMargin(base);
    expect(predictMargin(base)).toEqual(one);
    const other = predictMargin({ ...base, seed: 2 });
    expect(other.breachProbability).not.toBe(one.breachProbability);
    expect(Math.abs(other.breachProbability! - one.breachProbability!)).toBeLessThan(
      6 * one.standardError! + 0.01,
    );
  });

  it('knows that a hedge lowers the risk only as far as the correlation goes', () => {
    const hedged = account('3000', perp('p', 'BTC-PERP', '1', '60000'), perp('h', 'ETH-PERP', '-30', '2000'));
    const parameters = standardModule.parseParameters({
      buffer: { policy: 'none', cap: 1 },
      perp: { initial: 0.02, maintenance: 0.01 },
    });
    const at = (rho: number) =>
      predictMargin({
        ...base,
        parameters,
        portfolio: hedged,
        correlation: uniformCorrelation(['BTC', 'ETH'], rho),
      }).breachProbability!;
    expect(at(1)).toBeLessThan(0.001);
    expect(at(0.5)).toBeGreaterThan(at(0.9));
  });

  it('lets the buffer that follows a volatile period raise the requirement', () => {
    const wide = snapshot({ volatility: new Map([['BTC', new Map([[24, view('BTC', 0.02)]])]]) });
    const predict = (buffer: object) =>
      predictMargin({ ...base, market: wide, parameters: standardModule.parseParameters({ buffer }) });
    const without = predict({ policy: 'none', cap: 1 });
    const withBuffer = predict({ policy: 'none', noticeHours: 6, riseHalfLifeHours: 3 });
    // at the 95 % quantile the variance is four times the median: f = 2 x 1.33, and 3 % price move at most
    expect(wadToFloat(withBuffer.initialRequirement.quantileWad)).toBeGreaterThan(3900 * 2.4);
    expect(wadToFloat(withBuffer.maintenanceRequirement.quantileWad)).toBeGreaterThan(3000 * 2.2);
    expect(withBuffer.breachProbability!).toBeGreaterThan(without.breachProbability!);
  });

  it('is certain of a breach that is there already and of none without positions', () => {
    expect(
      predictMargin({ ...base, portfolio: account('1', perp('p', 'BTC-PERP', '1', '60000')) })
        .breachProbability,
    ).toBe(1);
    const idle = predictMargin({ ...base, portfolio: account('5') });
    expect(idle.breachProbability).toBe(0);
    expect(idle.standardError).toBe(1 / 2048);
  });

  it('holds stablecoins, names them, and does not guess when a position has no value', () => {
    const book = account('0', collateral('c', 'USDC', '6000'), perp('p', 'BTC-PERP', '1', '60000'));
    expect(predictMargin({ ...base, portfolio: book }).constantAssets).toEqual(['USDC']);
    const blind = predictMargin({
      ...base,
      portfolio: book,
      market: withPrice(market, refused('USDC-USD', '1')),
    });
    expect(blind.breachProbability).toBeNull();
    expect(blind.failures[0]!.positionId).toBe('c');
  });

  it.each([
    ['horizonHours', { horizonHours: 0 }],
    ['horizonHours', { horizonHours: Number.NaN }],
    ['horizonHours', { horizonHours: 169 }],
    ['quantile', { quantile: 1 }],
    ['paths', { paths: 63 }],
    ['steps', { steps: 0 }],
    ['correlation.assets', { correlation: uniformCorrelation(['ETH'], 0) }],
    [
      'correlation.values[0][1]',
      {
        correlation: {
          assets: ['BTC', 'ETH'],
          values: [
            [1, 0.5],
            [0.4, 1],
          ],
        },
      },
    ],
  ])('refuses a bad %s', (field, over) => {
    try {
      predictMargin({ ...base, ...over });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).issues[0]!.field).toBe(field);
    }
  });

  it('refuses to predict without a forecast', () => {
    const parameters = standardModule.defaultParameters;
    expect(() => predictMargin({ ...base, parameters, market: snapshot({ volatility: new Map() }) })).toThrow(
      ForecastUnavailableError,
    );
  });
});

describe('the parts of the simulation', () => {
  it('factors a correlation matrix, also a singular one, and refuses an impossible one', () => {
    expect([...choleskyOf(uniformCorrelation(['A', 'B'], 0.6), ['A', 'B'])]).toEqual([1, 0, 0.6, 0.8]);
    expect([...choleskyOf(uniformCorrelation(['A', 'B'], 1), ['A', 'B'])]).toEqual([1, 0, 1, 0]);
    const impossible = {
      assets: ['A', 'B', 'C'],
      values: [
        [1, 0.9, 0.9],
        [0.9, 1, -0.9],
        [0.9, -0.9, 1],
      ],
    };
    expect(() => choleskyOf(impossible, ['A', 'B', 'C'])).toThrow(/positive semidefinite/);
  });

  it('spreads points evenly in every dimension', () => {
    const fill = quasiSequence(5);
    const point = new Float64Array(30);
    const sums = new Float64Array(30);
    for (let i = 0; i < 2000; i++) {
      fill(i, point);
      for (let d = 0; d < 30; d++) sums[d] = sums[d]! + point[d]! / 2000;
    }
    for (let d = 0; d < 30; d++) expect(Math.abs(sums[d]! - 0.5)).toBeLessThan(0.02);
  });

  it('draws the forecast quantiles back', () => {
    const draw = varianceSampler(view('BTC', 0.02), 12);
    expect(draw(0.5)).toBeCloseTo(0.0002, 12);
    expect(draw(0.95)).toBeCloseTo(0.0008, 12);
    expect(draw(0.999)).toBeGreaterThan(draw(0.99));
  });
});
