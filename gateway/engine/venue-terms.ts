import type { FundingRate, SettlementPrice } from '../../risk/market/venue-terms.ts';
import type { AnyMarket } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Listing } from './instruments.ts';
import type { StoredVenueData } from './venue-data.ts';
import type { VenueDataView } from './venue-snapshot.ts';

/** What a snapshot takes of a venue's funding rates and settlement prices. */
export interface VenueTerms {
  readonly funding: ReadonlyMap<string, FundingRate>;
  readonly settled: ReadonlyMap<string, SettlementPrice>;
}

/**
 * Funding of the perps and settlement prices of these markets, by market id, with their age: what is too old is for the module
 * to refuse. A price counts from the expiry on, for who was told it.
 */
export function venueTerms(
  view: VenueDataView,
  listing: Listing,
  protocol: string,
  markets: Iterable<AnyMarket>,
  nowMs: UnixMs,
): VenueTerms {
  const funding = new Map<string, FundingRate>();
  const settled = new Map<string, SettlementPrice>();
  for (const market of markets) {
    if (market.kind === 'perp') {
      const entry = view.get(protocol, market.id);
      if (entry === null) continue;
      const { asOfMs, maxAgeMs, data } = entry;
      if (data.settlementWad !== null)
        settled.set(market.id, { priceWad: data.settlementWad, asOfMs, maxAgeMs });
      if (data.fundingRate !== null) funding.set(market.id, fundingOf(entry, data.fundingRate));
    } else if ('expiryMs' in market && market.expiryMs <= nowMs) {
      const series = listing.seriesOf(market.asset);
      const entry = series === null ? null : view.get(protocol, series.id);
      const found = entry?.data.settlements?.find(({ expiryMs }) => expiryMs === market.expiryMs);
      if (entry === null || found === undefined) continue;
      const { asOfMs, maxAgeMs } = entry;
      settled.set(market.id, { priceWad: found.priceWad, asOfMs, maxAgeMs });
    }
  }
  return { funding, settled };
}

function fundingOf({ asOfMs, maxAgeMs, data }: StoredVenueData, ratePerHour: number): FundingRate {
  const { fundingSettledAtMs = null, nextFundingAtMs = null } = data;
  return { asOfMs, maxAgeMs, ratePerHour, settledAtMs: fundingSettledAtMs, nextAtMs: nextFundingAtMs };
}

/** Data with funding or a settlement price of the perps that a book holds. */
export function perpEntries(
  view: VenueDataView,
  protocol: string,
  { positions }: AnyPortfolio,
): readonly StoredVenueData[] {
  const held = new Set(positions.flatMap((position) => (position.kind === 'perp' ? [position.market] : [])));
  return [...held].sort().flatMap((market) => {
    const entry = view.get(protocol, market);
    const counts = entry !== null && (entry.data.fundingRate !== null || entry.data.settlementWad !== null);
    return counts ? [entry] : [];
  });
}
