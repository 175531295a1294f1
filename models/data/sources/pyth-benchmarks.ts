import { z } from 'zod';
import { cleanBars } from './clean-bars.ts';
import { HistorySourceError } from './errors.ts';
import type { CandleSource } from './history-source.ts';
import { type HttpOptions, JsonClient } from './http.ts';

const NAME = 'pyth-benchmarks';
/** 30 requests in 10 seconds are allowed. */
const SPACING_MS = 400;
const numbers = z.array(z.number().nullable());
const history = z.object({
  s: z.enum(['ok', 'no_data', 'error']),
  errmsg: z.string().nullish(),
  t: z.array(z.number()).default([]),
  o: numbers.default([]),
  h: numbers.default([]),
  l: numbers.default([]),
  c: numbers.default([]),
});

/**
 * TradingView's history protocol, as Pyth Benchmarks speaks it: `GET /v1/shims/tradingview/history?symbol=Crypto.BTC/USD&resolution=60&
 * from=&to=` in seconds gives columns {s, t, o, h, l, c, v}. An oracle has no volume: v is 0 and means unknown. `path` is where another
 * server of the protocol has it.
 */
export function pythBenchmarksCandles(
  base = 'https://benchmarks.pyth.network',
  http: Partial<HttpOptions> = {},
  path = '/v1/shims/tradingview/history',
): CandleSource {
  const client = new JsonClient(NAME, { spacingMs: SPACING_MS, ...http });
  return {
    name: NAME,
    hoursPerRequest: 2000,
    hasVolume: false,
    async candles(symbol, fromMs, toMs, signal) {
      const url = new URL(path, base);
      url.searchParams.set('symbol', symbol);
      url.searchParams.set('resolution', '60');
      url.searchParams.set('from', String(fromMs / 1000));
      url.searchParams.set('to', String(toMs / 1000 - 1));
      const parsed = history.safeParse(await client.get(url, signal));
      if (!parsed.success)
        throw new HistorySourceError(NAME, 'the answer is not of the history protocol', parsed.error);
      const { s, errmsg, t, o, h, l, c } = parsed.data;
      if (s === 'error') throw new HistorySourceError(NAME, errmsg ?? 'answers an error');
      const at = (column: readonly (number | null)[], i: number) => column[i] ?? Number.NaN;
      const bars = t.map((seconds, i) => ({
        tsMs: seconds * 1000,
        open: at(o, i),
        high: at(h, i),
        low: at(l, i),
        close: at(c, i),
        volume: 0,
      }));
      return cleanBars(bars, fromMs, toMs);
    },
  };
}
