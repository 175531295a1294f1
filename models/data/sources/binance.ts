import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import type { HourlyBar } from '../../forecast.ts';
import { cleanBars } from './clean-bars.ts';
import { HistorySourceError } from './errors.ts';
import type { CandleSource, FundingSource } from './history-source.ts';
import { type HttpOptions, JsonClient } from './http.ts';

const NAME = 'binance';
/** A full answer weighs 2 of 6000 a minute; a tenth of that leaves room for others behind one address. */
const SPACING_MS = 200;

/**
 * `GET /api/v3/klines`: rows [open time ms, open, high, low, close, volume, close time, ...] with numbers as text, ascending, the
 * running hour included. https://developers.binance.com/docs/binance-spot-api-docs/rest-api
 */
export function binanceCandles(
  base = 'https://api.binance.com',
  http: Partial<HttpOptions> = {},
): CandleSource {
  const client = new JsonClient(NAME, { spacingMs: SPACING_MS, ...http });
  return {
    name: NAME,
    hoursPerRequest: 1000,
    hasVolume: true,
    async candles(symbol, fromMs, toMs, signal) {
      const url = new URL('/api/v3/klines', base);
      const query = { symbol, interval: '1h', startTime: fromMs, endTime: toMs - 1, limit: 1000 };
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
      return cleanBars(rowsOf(await client.get(url, signal)).map(toBar), fromMs, toMs);
    },
  };
}

/** `GET /fapi/v1/fundingRate`: [{symbol, fundingTime ms, fundingRate text}], ascending, at most 1000. */
export function binanceFunding(
  base = 'https://fapi.binance.com',
  http: Partial<HttpOptions> = {},
): FundingSource {
  // 500 requests in 5 minutes are allowed.
  const client = new JsonClient(NAME, { spacingMs: 1_000, ...http });
  return {
    name: NAME,
    async funding(symbol, fromMs, toMs, signal) {
      const url = new URL('/fapi/v1/fundingRate', base);
      const query = { symbol, startTime: fromMs, endTime: toMs - 1, limit: 1000 };
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
      const payments = rowsOf(await client.get(url, signal))
        .map((row) => row as { fundingTime: unknown; fundingRate: unknown })
        // Stamps come a few milliseconds late; the payment is that of the hour.
        .map(({ fundingTime, fundingRate }) => ({
          tsMs: Math.round(Number(fundingTime) / MS_PER_HOUR) * MS_PER_HOUR,
          rate: Number(fundingRate),
        }))
        .filter(({ tsMs, rate }) => tsMs >= fromMs && tsMs < toMs && Number.isFinite(rate));
      return [...new Map(payments.map((one) => [one.tsMs, one])).values()].sort((a, b) => a.tsMs - b.tsMs);
    },
  };
}

function rowsOf(answer: unknown): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  throw new HistorySourceError(NAME, 'the answer is not a list');
}

function toBar(row: unknown): HourlyBar {
  const [ts, open, high, low, close, volume] = (Array.isArray(row) ? row : []).map(Number) as number[];
  const nan = Number.NaN;
  return {
    tsMs: ts ?? nan,
    open: open ?? nan,
    high: high ?? nan,
    low: low ?? nan,
    close: close ?? nan,
    volume: volume ?? nan,
  };
}
