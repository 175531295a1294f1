import { writeCursor } from '../../schemas/page.ts';
import { EARLIER, LATER } from './moments.ts';
import type { Examples } from './types.ts';

const STORED = ['unknown-feed', 'no-stored-price', 'moment-not-settled'] as const;

export const PRICE_EXAMPLES: Examples = {
  listPrices: { parameters: { ids: 'BTC-USD,ETH-USD', at: EARLIER }, problems: STORED },
  getPrice: { parameters: { id: 'BTC-USD' }, problems: ['unknown-feed'] },
  getPriceEvidence: { parameters: { id: 'BTC-USD', at: EARLIER }, problems: STORED },
  getPriceHistory: {
    parameters: {
      id: 'BTC-USD',
      from: EARLIER,
      to: LATER,
      step: 60,
      limit: 5,
      cursor: writeCursor('prices', [Date.parse(EARLIER)]),
      format: 'json',
    },
    problems: ['unknown-feed', 'moment-not-settled'],
  },
  listForecasts: { parameters: { issuedHours: 1 } },
  getForecast: {
    parameters: { asset: 'BTC', horizon: '1h,4h,24h', at: LATER },
    problems: ['unknown-asset', 'moment-not-settled', 'forecast-unavailable'],
  },
};
