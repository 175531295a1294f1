import type { MarketSnapshot } from '../../../risk/market/market-data.ts';
import type { OptionExpiryData } from '../../../risk/market/option-data.ts';
import type { AnyMarket } from '../../../risk/modules/module.ts';
import type { AnyPortfolio, AnyPosition, FuturePosition } from '../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal as wad } from '../../../risk/units/wad.ts';
import { MARKETS, NOW, price, snapshot, withPrice } from '../fixtures.ts';

export const EXPIRY = NOW + 73 * 86_400_000;
export const btc = { asset: 'BTC', feedId: 'BTC-USD' } as const;
export const markets = new Map<string, AnyMarket>(MARKETS);
const list = (market: AnyMarket) => markets.set(market.id, market);
list({ id: 'BTC-INV', kind: 'perp', ...btc, settlement: 'coin' });
list({
  id: 'BTC-INV-OWN',
  kind: 'perp',
  asset: 'BTC',
  feedId: 'BTC-INV-MARK',
  indexFeedId: 'BTC-USD',
  settlement: 'coin',
});
list({ id: 'BTC-F', kind: 'future', ...btc, expiryMs: EXPIRY });
list({ id: 'BTC-F-COIN', kind: 'future', ...btc, expiryMs: EXPIRY, settlement: 'coin' });
list({ id: 'BTC-F-OWN', kind: 'future', ...btc, expiryMs: EXPIRY, markFeedId: 'BTC-F-MARK' });
list({ id: 'BTC-F-DEAD', kind: 'future', ...btc, expiryMs: NOW });
list({ id: 'BTC-F-BARE', kind: 'future', ...btc, expiryMs: EXPIRY + 1 });
for (const settlement of ['quote', 'coin'] as const)
  list({
    id: `BTC-C-${settlement}`,
    kind: 'option',
    ...btc,
    strikeWad: wad('65000'),
    expiryMs: EXPIRY,
    isCall: true,
    settlement,
  });

export const expiry: OptionExpiryData = {
  asOfMs: NOW,
  forward: 61_500,
  settlementForward: null,
  rate: 0,
  smile: [{ strike: 65_000, volatility: 0.6 }],
  forwardConfidence: 1,
  rateConfidence: 1,
  volatilityConfidence: 1,
};
const rows = Array.from({ length: 300 }, (_, i) => ({
  tsMs: NOW - (300 - i) * 86_400_000,
  returns: [0.03 * Math.sin(i * i), 0.04 * Math.cos(i * i)],
  volatilities: [0.02, 0.03],
}));
export const withData = (over: Partial<OptionExpiryData> = {}): MarketSnapshot => ({
  ...withPrice(snapshot(), price('BTC-INV-MARK', '60300'), price('BTC-F-MARK', '61200')),
  options: new Map([['BTC', new Map([[EXPIRY, { ...expiry, ...over }]])]]),
  history: { assets: ['BTC', 'ETH'], horizonHours: 24, asOfMs: NOW, rows, stressed: rows },
});

export const future = (id: string, market: string, size: string, entry: string): FuturePosition => ({
  kind: 'future',
  id,
  market,
  sizeWad: wad(size),
  entryPriceWad: wad(entry),
  chain: null,
});
export const option = (id: string, market: string, size: string): AnyPosition => ({
  kind: 'option',
  id,
  market,
  sizeWad: wad(size),
  chain: null,
});
export const book = (cash: string, ...positions: AnyPosition[]): AnyPortfolio => ({
  accountId: 'a',
  cashWad: wad(cash),
  positions,
});
