import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import { settle } from '../../units/settle.ts';
import { SECONDS_PER_YEAR } from '../../units/time.ts';
import { isPrice, marginPrice } from '../inputs.ts';
import type { FutureMarket } from '../module.ts';
import type { PerpGroup } from './derivative.ts';
import { isForward, settlementMark, stillMoving } from './settlement.ts';

/** What marks a future now: index, mark and what of it still moves; or why nothing does. */
export function futureMark(
  definition: FutureMarket,
  market: MarketSnapshot,
  maxAgeMs: number,
): Omit<PerpGroup, 'market' | 'positions'> | Reason {
  const subject = definition.id;
  const seconds = (definition.expiryMs - market.asOfMs) / 1000;
  if (!(seconds > 0)) return { code: 'future-expired', message: `${subject} has expired`, subject };
  const index = marginPrice(market, definition.feedId);
  if (!isPrice(index)) return index;
  const tau = seconds / SECONDS_PER_YEAR;
  const settled = definition.settlement === 'coin' ? 1 : stillMoving(tau);
  if (definition.markFeedId !== undefined) {
    const price = marginPrice(market, definition.markFeedId);
    if (!isPrice(price)) return price;
    const confidenceScore = Math.min(price.confidenceScore, index.confidenceScore);
    return { price, index, confidenceScore, tau, variable: settled };
  }
  const data = market.options?.get(definition.asset)?.get(definition.expiryMs);
  if (!data) return { code: 'future-data-missing', message: `no forward for ${subject}`, subject };
  const age = market.asOfMs - data.asOfMs;
  if (!(age >= 0 && age <= maxAgeMs)) {
    return {
      code: 'future-data-stale',
      message: `the forward of ${subject} is ${age / 1000} s old`,
      subject,
    };
  }
  const forward = settlementMark(data, seconds);
  const sound = isForward(forward) && data.forwardConfidence >= 0 && data.forwardConfidence <= 1;
  if (!sound) {
    return { code: 'future-data-invalid', message: `the forward of ${subject} is not sound`, subject };
  }
  const confidenceScore = Math.min(index.confidenceScore, data.forwardConfidence);
  const price: MarketPrice = { ...index, priceWad: settle(forward, 'credit'), confidenceScore };
  const upperPriceWad = settle(forward, 'debit');
  return { price, upperPriceWad, index, confidenceScore, tau, variable: settled };
}
