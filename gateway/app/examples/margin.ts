import { EARLIER, LATER } from './moments.ts';
import { BOOK_EXAMPLES, CHANGE_EXAMPLES } from './simulations.ts';
import type { Examples } from './types.ts';

const ACCOUNT = { id: 'demo', module: 'scenario@2.1.0' };
const PAST = ['no-stored-book', 'moment-not-settled', 'past-venue-unknown'] as const;
const SEARCH = ['unknown-account', 'analysis-too-large', 'analysis-busy'] as const;

export const MARGIN_EXAMPLES: Examples = {
  getMargin: {
    parameters: { ...ACCOUNT, at: EARLIER, format: 'json' },
    problems: ['unknown-account', ...PAST, 'venue-unreachable'],
  },
  getPredictedMargin: {
    parameters: { ...ACCOUNT, horizon: '24h', quantile: '0.95' },
    problems: [...SEARCH, 'forecast-unavailable'],
  },
  getMarginDifference: {
    parameters: { id: 'demo', module: 'standard@1.0.0', from: EARLIER, to: LATER },
    problems: ['unknown-account', ...PAST],
  },
  simulateMargin: { parameters: { module: 'scenario@2.1.0' }, requests: BOOK_EXAMPLES },
  simulateAccountMargin: { parameters: ACCOUNT, requests: CHANGE_EXAMPLES, problems: ['unknown-account'] },
  getCapacity: { parameters: { ...ACCOUNT, market: 'BTC-PERP', side: 'buy' }, problems: SEARCH },
  getLiquidationPrice: { parameters: ACCOUNT, problems: SEARCH },
  getLiquidationPlan: { parameters: { ...ACCOUNT, target: '1000', costRate: '0.002' }, problems: SEARCH },
  getStress: { parameters: ACCOUNT, problems: SEARCH },
};
