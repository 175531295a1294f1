import { writeCursor } from '../../schemas/page.ts';
import type { Examples } from './types.ts';

const PERPS = [
  { kind: 'perp', id: 'short', market: 'BTC-PERP', size: '-0.25', entryPrice: '60000', chain: 'hub' },
  { kind: 'collateral', id: 'eth', asset: 'ETH', amount: '3', chain: 'l2' },
];

const OPTIONS = [
  { kind: 'option', id: 'call', market: 'BTC-20250801-66000-C', size: '-1', chain: 'hub' },
  {
    kind: 'option',
    id: 'put',
    underlying: 'BTC',
    expiry: '2025-08-01T08:00:00Z',
    strike: '54000',
    type: 'put',
    size: '-1',
    chain: 'hub',
  },
  { kind: 'perp', id: 'hedge', market: 'BTC-PERP', size: '0.1', entryPrice: '60000', chain: 'hub' },
];

const LOAN = [
  { kind: 'collateral', id: 'eth', asset: 'ETH', amount: '10', chain: 'l2' },
  { kind: 'loan', id: 'usdc', market: 'USDC-USD', amount: '12000', chain: 'l2' },
];

export const ACCOUNT_EXAMPLES: Examples = {
  putPositions: {
    parameters: { id: 'alice', 'idempotency-key': 'alice-fill-8812' },
    requests: {
      perpetual: {
        summary: 'A short perpetual against ETH collateral, over two chains',
        value: { sequence: 1, cash: '5000', positions: PERPS },
      },
      options: {
        summary: 'A short strangle with a hedge',
        description:
          'One option by its name, one by its four fields. `sequence` is newer than that of the book before.',
        value: { sequence: 2, cash: '40000', positions: OPTIONS },
      },
      loan: {
        summary: 'A loan against collateral',
        value: { sequence: 3, cash: '0', positions: LOAN },
      },
    },
    problems: ['sequence-conflict', 'idempotency-key-conflict'],
  },
  putPositionsBatch: {
    requests: {
      books: {
        summary: 'The books of two accounts',
        value: {
          updates: [
            { accountId: 'fund-1', sequence: 1, cash: '5000', positions: PERPS },
            { accountId: 'fund-2', sequence: 1, cash: '0', positions: LOAN },
          ],
        },
      },
    },
  },
  listAccounts: {
    parameters: {
      limit: 10,
      cursor: writeCursor('accounts', [null, 'demo']),
      sort: 'health',
      status: 'healthy',
      format: 'json',
    },
  },
  getPositions: { parameters: { id: 'demo' }, problems: ['unknown-account'] },
  deletePositions: {
    parameters: { id: 'alice', sequence: 4 },
    problems: ['unknown-account', 'sequence-conflict'],
  },
};
