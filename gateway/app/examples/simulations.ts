import type { RequestExample } from './types.ts';

const perp = (id: string, market: string, size: string, entryPrice: string) => ({
  ...{ kind: 'perp', id, market, size, entryPrice },
  chain: 'hub',
});
const option = (id: string, market: string, size: string) => ({
  ...{ kind: 'option', id, market, size },
  chain: 'hub',
});
const eth = (amount: string) => ({ kind: 'collateral', id: 'eth', asset: 'ETH', amount, chain: 'l2' });

/** Whole books, as a desk asks before it trades. */
export const BOOK_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  'perpetual-hedge': {
    summary: 'ETH collateral with a perpetual hedge',
    description:
      '10 ETH on `l2`, sold forward by a perpetual on `hub`: what moves the one moves the other back.',
    value: { cash: '2000', positions: [eth('10'), perp('hedge', 'ETH-PERP', '-10', '3000')] },
  },
  'options-spread': {
    summary: 'A call spread on BTC',
    description: 'The bought call bounds what the sold one can lose. Try it with `module=scenario@2.1.0`.',
    value: {
      cash: '8000',
      positions: [option('long', 'BTC-20250801-66000-C', '1'), option('short', 'BTC-20250801-72000-C', '-1')],
    },
  },
  loan: {
    summary: 'USDC borrowed against ETH',
    value: {
      cash: '0',
      positions: [eth('10'), { kind: 'loan', id: 'debt', market: 'USDC-USD', amount: '12000', chain: 'l2' }],
    },
  },
};

/** Of the many: the hedge in five sizes. */
const SIZES = ['-5', '-10', '-20', '-30', '-40'];

/** Changes to the book of the demo's account `demo`: long 20 ETH and short 0.5 BTC by perpetuals, 10 ETH of collateral. */
export const CHANGE_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  'perpetual-hedge': {
    summary: 'Add a perpetual hedge',
    description: 'Sells the ETH that the account is long.',
    value: { simulations: [{ label: 'hedge', set: [perp('eth-hedge', 'ETH-PERP', '-30', '3000')] }] },
  },
  'options-spread': {
    summary: 'Add an options spread',
    description: 'A put spread below the market, paid for out of the cash.',
    value: {
      simulations: [
        {
          label: 'put spread',
          cashChange: '-900',
          set: [
            option('put-long', 'BTC-20250801-57000-P', '0.5'),
            option('put-short', 'BTC-20250801-51000-P', '-0.5'),
          ],
        },
      ],
    },
  },
  'many-books': {
    summary: 'Many books at once: a hedge in five sizes, a close, a withdrawal',
    description: 'Up to 100, each from the stored book; answered in the order asked.',
    value: {
      simulations: [
        ...SIZES.map((size) => ({
          label: `sell ${size.slice(1)} ETH`,
          set: [perp('eth-hedge', 'ETH-PERP', size, '3000')],
        })),
        { label: 'close BTC', remove: ['btc-perp'] },
        { label: 'withdraw 5000', cashChange: '-5000' },
      ],
    },
  },
};
