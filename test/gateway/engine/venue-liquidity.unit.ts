import { expect, test } from 'vitest';
import type { StoredVenueData, VenueData } from '../../../gateway/engine/venue-data.ts';
import { venueLiquidity } from '../../../gateway/engine/venue-liquidity.ts';
import type { AnyMarket } from '../../../risk/modules/module.ts';
import { wadFromDecimal as wad } from '../../../risk/units/wad.ts';

const NOW = Date.UTC(2026, 2, 14, 15);
const nothing: VenueData = {
  expiries: null,
  fundingRate: null,
  openInterestWad: null,
  depth: null,
  settlementWad: null,
};
const entry = (market: string, ageMs: number, data: Partial<VenueData>): StoredVenueData => ({
  protocol: 'alpha',
  market,
  sequence: 1n,
  asOfMs: NOW - ageMs,
  maxAgeMs: 60_000,
  data: { ...nothing, ...data },
});
const perp = (id: string): AnyMarket => ({ id, kind: 'perp', asset: 'BTC', feedId: 'BTC-USD' });

test('takes open interest and depth of perps that are not past their age', () => {
  const depth = {
    bids: [{ priceWad: wad('59990'), sizeWad: wad('2') }],
    asks: [{ priceWad: wad('60010'), sizeWad: wad('3') }],
  };
  const stored = [
    entry('A', 60_000, { openInterestWad: wad('100'), depth }),
    entry('OLD', 60_001, { openInterestWad: wad('100') }),
    entry('SILENT', 0, { fundingRate: 0.0001 }),
  ];
  const view = {
    get: (protocol: string, market: string) =>
      protocol === 'alpha' ? (stored.find((each) => each.market === market) ?? null) : null,
  };
  const markets = [
    perp('A'),
    perp('OLD'),
    perp('SILENT'),
    perp('NONE'),
    { ...perp('A'), kind: 'collateral' as const },
  ];
  const liquidity = venueLiquidity(view, 'alpha', markets as AnyMarket[], NOW);
  expect([...liquidity]).toEqual([
    ['A', { asOfMs: NOW - 60_000, openInterestWad: wad('100'), dailyVolume: null, depth }],
  ]);
  const old = venueLiquidity(view, 'alpha', markets as AnyMarket[], NOW, true);
  expect([...old].map(([id, { asOfMs, maxAgeMs }]) => [id, NOW - asOfMs, maxAgeMs])).toEqual([
    ['A', 60_000, 60_000],
    ['OLD', 60_001, 60_000],
  ]);
  expect(venueLiquidity(view, 'beta', markets as AnyMarket[], NOW).size).toBe(0);
});
