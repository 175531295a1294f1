import type { OptionExpiryData } from '../../risk/market/option-data.ts';
import type { AnyMarket, FutureMarket, MarginResult, OptionMarket } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { wadToFloat } from '../../risk/units/wad.ts';
import type { Listing } from './instruments.ts';
import { expiryData, type StoredVenueData } from './venue-data.ts';

/** Latest venue data by protocol and market; `VenueDataStore` fits. */
export interface VenueDataView {
  get(protocol: string, market: string): StoredVenueData | null;
}

/** What a snapshot takes from a venue's own data. */
export interface VenueSnapshot {
  readonly options: ReadonlyMap<string, ReadonlyMap<UnixMs, OptionExpiryData>>;
  /** Venue data of every series that the markets need, those too old to be used included. */
  readonly entries: readonly StoredVenueData[];
}

/** Forwards and smiles of options and dated futures; data past their own age are left out. */
export function venueSnapshot(
  view: VenueDataView,
  listing: Listing,
  protocol: string,
  markets: Iterable<AnyMarket>,
  nowMs: UnixMs,
): VenueSnapshot {
  const wanted = new Map<string, (OptionMarket | FutureMarket)[]>();
  for (const market of markets) {
    if (market.kind !== 'option' && market.kind !== 'future') continue;
    const same = wanted.get(market.asset);
    if (same === undefined) wanted.set(market.asset, [market]);
    else same.push(market);
  }
  const options = new Map<string, Map<UnixMs, OptionExpiryData>>();
  const entries: StoredVenueData[] = [];
  for (const [asset, instruments] of wanted) {
    const series = listing.seriesOf(asset);
    const entry = series === null ? null : view.get(protocol, series.id);
    if (entry === null) continue;
    entries.push(entry);
    if (nowMs - entry.asOfMs > entry.maxAgeMs) continue;
    const expiries = new Map<UnixMs, OptionExpiryData>();
    for (const expiry of entry.data.expiries ?? []) {
      const here = instruments.filter(({ expiryMs }) => expiryMs === expiry.expiryMs);
      const strikes = here.flatMap((one) => (one.kind === 'option' ? [wadToFloat(one.strikeWad)] : []));
      if (here.length > 0) expiries.set(expiry.expiryMs, expiryData(expiry, entry.asOfMs, new Set(strikes)));
    }
    options.set(asset, expiries);
  }
  return { options, entries };
}

/** The failures of positions whose venue data are too old say that, and not that there are none. */
export function withStaleFailures(
  result: MarginResult,
  portfolio: AnyPortfolio,
  listing: Listing,
  { entries }: VenueSnapshot,
  nowMs: UnixMs,
): MarginResult {
  const stale = new Map(
    entries
      .filter(({ asOfMs, maxAgeMs }) => nowMs - asOfMs > maxAgeMs)
      .map((entry) => [entry.market, entry] as const),
  );
  if (stale.size === 0) return result;
  const marketOf = new Map(
    portfolio.positions.flatMap((position) =>
      position.kind === 'option' || position.kind === 'future'
        ? [[position.id, listing.instrument(position.market)] as const]
        : [],
    ),
  );
  const failures = result.failures.map((failure) => {
    const market = marketOf.get(failure.positionId);
    const series = market ? listing.seriesOf(market.asset) : null;
    const entry = series === null ? undefined : stale.get(series.id);
    if (failure.reason.code !== 'option-data-missing' || entry === undefined) return failure;
    const age = (nowMs - entry.asOfMs) / 1000;
    const message = `the data of ${entry.market} are ${age} s old, ${entry.maxAgeMs / 1000} s are allowed`;
    return { ...failure, reason: { code: 'option-data-stale', message, subject: market!.id } };
  });
  return { ...result, failures };
}
