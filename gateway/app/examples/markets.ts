import type { Examples } from './types.ts';

/** The demo pushes surfaces of BTC and ETH itself; that of SOL is left to whoever tries. */
const SOL_SURFACE = {
  sequence: 1,
  asOf: '2025-07-01T13:00:00Z',
  maxAgeSeconds: 86_400,
  expiries: [
    {
      expiry: '2025-08-01T08:00:00Z',
      forward: '150.5',
      rate: 0.04,
      smile: {
        kind: 'svi',
        a: 0.0435,
        b: 0.139,
        rho: -0.25,
        m: 0,
        sigma: 0.31,
        strikes: ['120', '135', '150', '165', '180'],
      },
    },
    {
      expiry: '2025-09-26T08:00:00Z',
      forward: '151.4',
      rate: 0.04,
      smile: {
        kind: 'grid',
        points: [
          { strike: '120', volatility: 1.12 },
          { strike: '150', volatility: 1.08 },
          { strike: '180', volatility: 1.1 },
        ],
      },
    },
  ],
};

const SOL_PERP = {
  sequence: 1,
  asOf: '2025-07-01T13:00:00Z',
  maxAgeSeconds: 86_400,
  fundingRate: 0.0001,
  openInterest: '250000',
  depth: {
    bids: [
      { price: '149.9', size: '400' },
      { price: '149.5', size: '1200' },
    ],
    asks: [
      { price: '150.1', size: '380' },
      { price: '150.5', size: '1100' },
    ],
  },
};

export const MARKET_EXAMPLES: Examples = {
  listMarkets: {},
  putMarketData: {
    parameters: { market: 'SOL-OPTIONS' },
    requests: {
      surface: {
        summary: 'The surface of an option series',
        description: 'One expiry as raw SVI, one as volatilities by strike.',
        value: SOL_SURFACE,
      },
      perpetual: {
        summary: 'Funding, open interest and depth of a perpetual',
        description: 'For `SOL-PERP`.',
        value: SOL_PERP,
        parameters: { market: 'SOL-PERP' },
      },
    },
    problems: ['unknown-market', 'sequence-conflict', 'surface-arbitrage'],
  },
  getMarketData: { parameters: { market: 'BTC-OPTIONS' }, problems: ['unknown-market', 'no-venue-data'] },
};
