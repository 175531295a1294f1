import { describe, expect, it } from 'vitest';
import {
  checkSvi,
  type Svi,
  sviDensity,
  sviFaults,
  sviVariance,
  sviVolatility,
} from '../../../risk/pricing/svi.ts';

/** An expiry of Derive's PMRM_2 portfolios: parameters as published, and the mark of strike 109,991. */
const PUBLISHED: Svi = {
  a: 0.0143003577042115,
  b: 0.0827524527457924,
  rho: -0.382822578433612,
  m: -0.09580552917879888,
  sigma: 0.130054633001894,
  tau: 0.1019197108067,
};

describe('SVI', () => {
  it('gives the published mark volatility', () => {
    expect(sviVolatility(PUBLISHED, 96248.76561417685, 109991)).toBeCloseTo(0.5320368004564104, 12);
  });

  it('has derivatives that are its slopes', () => {
    const h = 1e-5;
    for (const k of [-0.5, -0.1, 0, 0.3]) {
      const { slope, curvature } = sviVariance(PUBLISHED, k);
      const [up, at, down] = [k + h, k, k - h].map((x) => sviVariance(PUBLISHED, x).w) as [
        number,
        number,
        number,
      ];
      expect(slope).toBeCloseTo((up - down) / (2 * h), 8);
      expect(curvature).toBeCloseTo((up - 2 * at + down) / (h * h), 4);
    }
  });

  it('finds no fault in a sound surface, and names butterfly and calendar arbitrage', () => {
    const longer = { ...PUBLISHED, a: PUBLISHED.a * 2, tau: 0.25 };
    expect(sviFaults([longer, PUBLISHED])).toEqual([]);
    expect(sviFaults([PUBLISHED, { ...longer, a: PUBLISHED.a / 2 }])[0]).toMatchObject({
      kind: 'calendar',
      laterTau: 0.25,
    });
    // the counterexample of Axel Vogt in Gatheral and Jacquier (2014)
    const vogt = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153, tau: 1 };
    const faults = sviFaults([vogt], 401, 10);
    expect(faults.some((fault) => fault.kind === 'butterfly')).toBe(true);
    expect(sviDensity(vogt, 0)).toBeGreaterThan(0);
  });

  it.each([
    ['b', { b: -0.1 }],
    ['rho', { rho: 1 }],
    ['sigma', { sigma: 0 }],
    ['tau', { tau: Number.NaN }],
    ['a', { a: -1 }],
  ])('refuses a bad %s', (field, over) => {
    expect(() => checkSvi({ ...PUBLISHED, ...over })).toThrow(new RegExp(`^${field}: `));
  });
});
