import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { cleanBars } from './clean-bars.ts';
import { HistorySourceError } from './errors.ts';
import type { CandleSource } from './history-source.ts';
import { type HttpOptions, JsonClient } from './http.ts';

const NAME = 'coinbase';
/** Ten requests a second are allowed to one address. */
const SPACING_MS = 250;

/**
 * `GET /products/{id}/candles`: rows [time s, low, high, open, close, volume], newest first, at most 300; hours without a trade
 * are left out, and some rows may lie before the start asked for.
 * https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles
 */
export function coinbaseCandles(
  base = 'https://api.exchange.coinbase.com',
  http: Partial<HttpOptions> = {},
): CandleSource {
  const client = new JsonClient(NAME, { spacingMs: SPACING_MS, ...http });
  return {
    name: NAME,
    hoursPerRequest: 300,
    hasVolume: true,
    async candles(symbol, fromMs, toMs, signal) {
      const url = new URL(`/products/${encodeURIComponent(symbol)}/candles`, base);
      url.searchParams.set('granularity', '3600');
      url.searchParams.set('start', new Date(fromMs).toISOString());
      // Both ends are included.
      url.searchParams.set('end', new Date(toMs - MS_PER_HOUR).toISOString());
      const answer = await client.get(url, signal);
      if (!Array.isArray(answer)) throw new HistorySourceError(NAME, 'the answer is not a list');
      const bars = answer.map((row: unknown) => {
        const numbers = (Array.isArray(row) ? row : []).map(Number) as number[];
        const at = (index: number) => numbers[index] ?? Number.NaN;
        return { tsMs: at(0) * 1000, low: at(1), high: at(2), open: at(3), close: at(4), volume: at(5) };
      });
      return cleanBars(bars, fromMs, toMs);
    },
  };
}
