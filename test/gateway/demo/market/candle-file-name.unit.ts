import { describe, expect, it } from 'vitest';
import { parseCandleFileName } from '../../../../gateway/demo/market/candle-file-name.ts';
import { CandleFileNameError } from '../../../../gateway/demo/market/errors.ts';

describe('parseCandleFileName', () => {
  it.each([
    ['/data/binance_spot_ETHUSDT_1h.csv.gz', 'binance', 'ETH', 'USDT', 3_600_000],
    ['kraken_spot_BTCUSDC_1m_2023Q1.csv.gz', 'kraken', 'BTC', 'USDC', 60_000],
    ['binance_perp_SOLUSDT_5m.csv', 'binance', 'SOL', 'USDT', 300_000],
    ['bybit_spot_USDCUSDT_1h.csv.gz', 'bybit', 'USDC', 'USDT', 3_600_000],
    ['x_mark_BTCUSD_15m.csv', 'x', 'BTC', 'USD', 900_000],
    // BTCB against USD exists, but not in the demo.
    ['x_spot_BTCBUSD_1h.csv', 'x', 'BTC', 'BUSD', 3_600_000],
  ])('%s', (file, venue, asset, quote, intervalMs) => {
    expect(parseCandleFileName(file)).toEqual({ file, venue, asset, quote, intervalMs });
  });

  it.each([
    ['eth.csv.gz', 'the name must be venue_kind_PAIR_interval.csv.gz'],
    ['chainlink_ETHUSD_rounds.csv.gz', 'the name must be'],
    ['binance_perp_BTCUSDT_funding.csv.gz', "interval 'funding' cannot be replayed"],
    ['binance_spot_BTCUSDT_1d.csv.gz', "interval '1d' cannot be replayed"],
    ['deribit_option_BTCUSD_1h.csv.gz', "'option' holds no candles"],
    ['binance_spot_LINKUSDT_1h.csv.gz', "'LINKUSDT' holds LINK; the demo has BTC, ETH, SOL, USDC"],
    ['binance_spot_ETHBTC_1h.csv.gz', "'ETHBTC' is not a pair against a dollar"],
  ])('refuses %s', (file, message) => {
    expect(() => parseCandleFileName(file)).toThrow(CandleFileNameError);
    expect(() => parseCandleFileName(file)).toThrow(`${file}: ${message}`);
  });
});
