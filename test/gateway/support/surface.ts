import { NOW_MS } from './market.ts';

/** 2026-03-27 and 2026-04-24, Fridays 13 and 41 days after the market time of the tests. */
export const NEAR = '2026-03-27T08:00:00Z';
export const FAR = '2026-04-24T08:00:00Z';

/** A flat grid at a forward of 60,000: free of arbitrage whatever its level. */
export const gridExpiry = (expiry: string, volatility = 0.6) => ({
  expiry,
  forward: '60000',
  smile: {
    kind: 'grid',
    points: ['50000', '60000', '70000'].map((strike) => ({ strike, volatility })),
  },
});

/** SSVI at 60 % (theta from the time to expiry), written as raw SVI. */
export function sviExpiry(expiry: string, volatility = 0.6) {
  const tau = (Date.parse(expiry) - NOW_MS) / 1000 / 31_536_000;
  const theta = volatility ** 2 * tau;
  const phi = 1 / Math.sqrt(theta * (1 + theta));
  const rho = -0.25;
  return {
    expiry,
    forward: '60000',
    smile: {
      kind: 'svi',
      a: (theta / 2) * (1 - rho ** 2),
      b: (theta * phi) / 2,
      rho,
      m: -rho / phi,
      sigma: Math.sqrt(1 - rho ** 2) / phi,
      strikes: ['50000', '60000', '70000'],
    },
  };
}

export const push = (expiries: readonly object[], more: object = {}) => ({
  sequence: 1,
  asOf: new Date(NOW_MS).toISOString(),
  expiries,
  ...more,
});

/** A short call, a long put, a perp, a future and collateral. */
export const OPTION_BOOK = {
  cash: '50000',
  positions: [
    { kind: 'option', id: 'call', market: 'BTC-20260327-70000-C', size: '-1', chain: 'hub' },
    {
      kind: 'option',
      id: 'put',
      underlying: 'BTC',
      expiry: NEAR,
      strike: '50000.0',
      type: 'put',
      size: '2',
      chain: 'l2',
    },
    { kind: 'perp', id: 'perp', market: 'BTC-PERP', size: '0.3', entryPrice: '60000', chain: 'hub' },
    { kind: 'future', id: 'future', market: 'BTC-20260327', size: '-0.1', entryPrice: '60500', chain: 'hub' },
    { kind: 'collateral', id: 'eth', asset: 'ETH', amount: '3', chain: 'l2' },
    { kind: 'loan', id: 'loan', market: 'ETH-SPOT', amount: '1', chain: 'l2' },
  ],
};
