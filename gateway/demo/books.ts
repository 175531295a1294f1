import type { MarketList, PutPositions } from '../client/types.ts';

/** A book over both chains with a short, a long and collateral, so that every part of the margin has something to say. */
export function perpBook(priceOf: (feed: string) => string): PutPositions {
  return {
    sequence: 1,
    cash: '25000',
    positions: [
      {
        id: 'btc-perp',
        kind: 'perp',
        market: 'BTC-PERP',
        size: '-0.5',
        entryPrice: priceOf('BTC-USD'),
        chain: 'hub',
      },
      {
        id: 'eth-perp',
        kind: 'perp',
        market: 'ETH-PERP',
        size: '20',
        entryPrice: priceOf('ETH-USD'),
        chain: 'l2',
      },
      { id: 'eth-spot', kind: 'collateral', asset: 'ETH', amount: '10', chain: 'l2' },
    ],
  };
}

/** The listed option nearest to a share of the price, of the third expiry: some five weeks away. */
function instrument(
  { options }: MarketList,
  asset: string,
  type: 'call' | 'put',
  strikeNear: number,
): string {
  const own = options.find((series) => series.asset === asset)!.instruments;
  const expiry = [...new Set(own.map((one) => one.expiry))][2];
  const near = own
    .filter((one) => one.type === type && one.expiry === expiry)
    .sort((a, b) => Math.abs(Number(a.strike) - strikeNear) - Math.abs(Number(b.strike) - strikeNear));
  return near[0]!.market;
}

/** A short strangle on BTC, partly hedged by its perp, and protective ETH puts; over both chains. */
export function optionsBook(markets: MarketList, priceOf: (feed: string) => string): PutPositions {
  const btc = Number(priceOf('BTC-USD'));
  const eth = Number(priceOf('ETH-USD'));
  const call = instrument(markets, 'BTC', 'call', btc * 1.1);
  return {
    sequence: 1,
    cash: '60000',
    positions: [
      { id: 'btc-call', kind: 'option', market: call, size: '-1', chain: 'hub' },
      {
        id: 'btc-put',
        kind: 'option',
        market: instrument(markets, 'BTC', 'put', btc * 0.9),
        size: '-1',
        chain: 'hub',
      },
      {
        id: 'btc-perp',
        kind: 'perp',
        market: 'BTC-PERP',
        size: '0.2',
        entryPrice: priceOf('BTC-USD'),
        chain: 'hub',
      },
      {
        id: 'eth-put',
        kind: 'option',
        market: instrument(markets, 'ETH', 'put', eth * 0.95),
        size: '10',
        chain: 'l2',
      },
      { id: 'eth-spot', kind: 'collateral', asset: 'ETH', amount: '10', chain: 'l2' },
    ],
  };
}
