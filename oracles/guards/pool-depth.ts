import type { SourceConfig } from '../config/feeds.ts';
import type { Quote } from '../quotes/quote.ts';

/** Share of the virtual quote reserve that moves the price of a constant product by 2 %: sqrt(1.02) - 1. */
const TWO_PERCENT = Math.sqrt(1.02) - 1;

function detail(quote: Quote, name: string): number | null {
  const value = quote.details[name];
  if (typeof value !== 'string' || !/^\d{1,40}$/.test(value)) return null;
  return Number(value);
}

/**
 * What it costs to push a pool's price up by 2 %, in whole quote tokens; null for what is no pool. A v3 pool with
 * in-range liquidity L behaves like a reserve of L x sqrt(price in smallest units) quote tokens (Uniswap v3 white paper,
 * 6.2); the harmonic mean over the window counts the thinnest times most. A v2 pair is its reserve.
 * @param price quote tokens per base token, whole units of both
 */
export function poolDepth(source: SourceConfig, quote: Quote, price: number): number | null {
  if (source.kind === 'uniswap-v3-twap') {
    const liquidity = detail(quote, 'harmonicMeanLiquidity');
    if (liquidity === null) return null;
    const raw = price * 10 ** (source.quoteDecimals - source.baseDecimals);
    return (liquidity * Math.sqrt(raw) * TWO_PERCENT) / 10 ** source.quoteDecimals;
  }
  if (source.kind !== 'uniswap-v2-twap') return null;
  const reserve = detail(quote, 'quoteReserve');
  return reserve === null ? null : (reserve * TWO_PERCENT) / 10 ** source.quoteDecimals;
}
