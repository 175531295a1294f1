import type { MarketPrice, MarketSnapshot, VolatilityView } from '../../risk/market/market-data.ts';
import type { MarketDefinition } from '../../risk/modules/module.ts';
import type {
  CollateralPosition,
  LoanPosition,
  PerpPosition,
  Portfolio,
  Position,
} from '../../risk/portfolio/portfolio.ts';
import { wadFromDecimal } from '../../risk/units/wad.ts';

export const NOW = Date.UTC(2025, 5, 1);
const FINE = { usable: true, reasons: [] };

export const MARKETS: ReadonlyMap<string, MarketDefinition> = new Map(
  (['BTC', 'ETH', 'SOL'] as const)
    .flatMap((asset): MarketDefinition[] => [
      { id: `${asset}-PERP`, kind: 'perp', asset, feedId: `${asset}-USD` },
      { id: `${asset}-SPOT`, kind: 'collateral', asset, feedId: `${asset}-USD` },
    ])
    .concat([{ id: 'USDC-SPOT', kind: 'collateral', asset: 'USDC', feedId: 'USDC-USD' }])
    .map((market) => [market.id, market]),
);

export function price(feedId: string, decimal: string, over: Partial<MarketPrice> = {}): MarketPrice {
  return {
    feedId,
    priceWad: wadFromDecimal(decimal),
    confidenceWad: 0n,
    confidenceScore: 1,
    publishTimeMs: NOW,
    verdicts: { open: FINE, margin: FINE, liquidate: FINE },
    ...over,
  };
}

export function refused(feedId: string, decimal: string): MarketPrice {
  const no = { usable: false, reasons: [{ code: 'stale-source', message: 'too old' }] };
  return price(feedId, decimal, { verdicts: { open: no, margin: no, liquidate: no } });
}

/** A lognormal-looking forecast: median volatility `sigma` over the horizon (not annualised). */
export function view(asset: string, sigma: number, over: Partial<VolatilityView> = {}): VolatilityView {
  const at = (p: number, multiple: number) => ({ p, variance: (sigma * multiple) ** 2 });
  return {
    asset,
    horizonHours: 24,
    asOfMs: NOW,
    varianceQuantiles: [at(0.05, 0.5), at(0.25, 0.8), at(0.5, 1), at(0.75, 1.3), at(0.95, 2), at(0.99, 3)],
    meanVariance: sigma ** 2 * 1.3,
    referenceVariance: 0.03 ** 2,
    model: 'logHAR',
    modelVersion: '1',
    limitations: [],
    ...over,
  };
}

export function snapshot(over: Partial<MarketSnapshot> = {}): MarketSnapshot {
  const prices = [
    price('BTC-USD', '60000'),
    price('ETH-USD', '2000'),
    price('SOL-USD', '150'),
    price('USDC-USD', '1'),
  ];
  return {
    asOfMs: NOW,
    prices: new Map(prices.map((each) => [each.feedId, each])),
    volatility: new Map(['BTC', 'ETH', 'SOL'].map((asset) => [asset, new Map([[24, view(asset, 0.015)]])])),
    ...over,
  };
}

export function withPrice(base: MarketSnapshot, ...prices: MarketPrice[]): MarketSnapshot {
  return {
    ...base,
    prices: new Map([...base.prices, ...prices.map((each) => [each.feedId, each] as const)]),
  };
}

export function perp(
  id: string,
  market: string,
  size: string,
  entry: string,
  over: Partial<PerpPosition> = {},
): PerpPosition {
  return {
    kind: 'perp',
    id,
    market,
    sizeWad: wadFromDecimal(size),
    entryPriceWad: wadFromDecimal(entry),
    unsettledFundingWad: 0n,
    chain: null,
    ...over,
  };
}

export function collateral(id: string, asset: string, amount: string): CollateralPosition {
  return { kind: 'collateral', id, asset, amountWad: wadFromDecimal(amount), chain: null };
}

export function loan(id: string, market: string, amount: string): LoanPosition {
  return { kind: 'loan', id, market, amountWad: wadFromDecimal(amount), chain: null };
}

export function account(cash: string, ...positions: Position[]): Portfolio {
  return { accountId: 'a', cashWad: wadFromDecimal(cash), positions };
}
