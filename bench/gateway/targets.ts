/** What is asked: reads of what is in memory, and a simulation of ten positions. */
export const KEY = 'bench-key';

/** Perps either way in two markets on one chain, every fifth position collateral of `collateral` ETH on another. */
export const positionsOf = (count: number, collateral: string) =>
  Array.from({ length: count }, (_, i) =>
    i % 5 === 4
      ? { kind: 'collateral', id: `c${i}`, asset: 'ETH', amount: collateral, chain: 'l2' }
      : {
          kind: 'perp',
          id: `p${i}`,
          market: i % 2 === 0 ? 'BTC-PERP' : 'ETH-PERP',
          size: i % 3 === 0 ? '-0.1' : '0.2',
          entryPrice: i % 2 === 0 ? '60000' : '3000',
          chain: 'hub',
        },
  );
export const BOOK = { cash: '100000', positions: positionsOf(10, '10') };

export const TARGETS = [
  { name: 'GET price', method: 'GET', path: '/v1/prices/BTC-USD', body: null, goal: 0.7 },
  { name: 'GET margin', method: 'GET', path: '/v1/accounts/alice/margin', body: null, goal: 0.7 },
  { name: 'POST simulate, 10 positions', method: 'POST', path: '/v1/margin/simulate', body: BOOK, goal: 0.5 },
] as const;
