import type { ObservedSource } from '../config/feeds.ts';
import type { Quote } from '../quotes/quote.ts';
import { GUARD_LIMITS } from './limits.ts';
import type { GuardReason } from './reason.ts';

function detail(quote: Quote, name: string): number | null {
  const value = quote.details[name];
  return typeof value === 'number' ? value : null;
}

/** Window of an average: long enough, and without a jump inside it that the mean would hide. */
function checkWindow(quote: Quote): GuardReason | null {
  const window = detail(quote, 'windowSeconds');
  if (window === null || !(window >= GUARD_LIMITS.minWindowSeconds)) {
    const covered = window === null ? 'an unknown time' : `${window} s`;
    return {
      code: 'window',
      message: `the average covers ${covered}, the minimum is ${GUARD_LIMITS.minWindowSeconds} s`,
    };
  }
  const spread = detail(quote, 'sampleSpreadBps');
  if (spread === null || spread <= GUARD_LIMITS.maxSampleSpreadBps) return null;
  return {
    code: 'window',
    message: `samples of the average are ${Math.round(spread)} bp apart, the limit is ${GUARD_LIMITS.maxSampleSpreadBps} bp`,
  };
}

function bound(quote: Quote, name: string): bigint | null {
  const value = quote.details[name];
  return typeof value === 'string' && /^-?\d{1,80}$/.test(value) ? BigInt(value) : null;
}

/** At or beyond a bound that the source clamps to, the number is the bound and no measurement. */
function checkOwnBounds(quote: Quote): GuardReason | null {
  const [min, max] = [bound(quote, 'minAnswer'), bound(quote, 'maxAnswer')];
  if ((min === null || quote.price > min) && (max === null || quote.price < max)) return null;
  return {
    code: 'bounds',
    message: `${quote.price} is not inside the source's bounds ${min ?? 'none'} to ${max ?? 'none'}`,
  };
}

/** Depth in USD behind an observed price; null when it is unknown or does not apply. */
export const depthOf = (quote: Quote): number | null => detail(quote, 'liquidityUsd');

/** Guards of a price that was handed in, from what its observer knows about it. */
export function checkObservation({ method }: ObservedSource, quote: Quote): readonly GuardReason[] {
  const reasons: GuardReason[] = [];
  const scale = detail(quote, 'scale') ?? 1;
  if (scale !== 1) reasons.push({ code: 'unit', message: `the price is scaled by ${scale}` });
  if (method === 'dex-spot') {
    const message = 'a spot price of a pool can be moved within one block';
    reasons.push({ code: 'spot-source', message });
  }
  const beyond = checkOwnBounds(quote);
  if (beyond !== null) reasons.push(beyond);
  const window = method === 'dex-twap' ? checkWindow(quote) : null;
  if (window !== null) reasons.push(window);
  const depth = depthOf(quote);
  if (depth !== null && !(depth >= GUARD_LIMITS.minDepthUsd)) {
    const message = `the depth is ${depth} USD, the minimum ${GUARD_LIMITS.minDepthUsd} USD`;
    const measure = { value: depth, limit: GUARD_LIMITS.minDepthUsd, unit: 'USD' } as const;
    reasons.push({ code: 'liquidity', message, measure });
  }
  const skew = detail(quote, 'legSkewSeconds');
  const limit = GUARD_LIMITS.maxObservedLegSkewSeconds;
  if (skew !== null && !(skew <= limit)) {
    const message = `the legs are ${skew} s apart, the limit is ${limit} s`;
    reasons.push({ code: 'leg-skew', message, measure: { value: skew, limit, unit: 's' } });
  }
  return reasons;
}
