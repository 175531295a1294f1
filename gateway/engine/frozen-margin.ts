import type { UnixMs } from '../../risk/units/time.ts';
import { MarginService, type MarginServiceOptions } from './margin-service.ts';
import type { StoredVenueData } from './venue-data.ts';

/** A service that stands still, and the market time at which it does. */
export interface FrozenMargin {
  readonly asOfMs: UnixMs;
  readonly margin: MarginService;
}

/**
 * The market as it is at this moment, for as long as the result is kept: what margins many books, and takes a while,
 * margins all of them at the same prices, forecasts and venue data.
 */
export function frozenMargin(options: MarginServiceOptions): FrozenMargin {
  const { prices, store, venues, clock } = options;
  const asOfMs = clock.nowMs();
  const stored = new Map(prices.feedIds.map((id) => [id, prices.price(id, asOfMs)] as const));
  const pushed = new Map<string, StoredVenueData | null>();
  const margin = new MarginService({
    ...options,
    prices: { feedIds: [...stored.keys()], price: (id) => stored.get(id)! },
    store: { views: new Map(store.views), buffers: new Map(store.buffers) },
    venues: {
      get(protocol, market) {
        const key = `${protocol} ${market}`;
        const held = pushed.get(key);
        if (held !== undefined) return held;
        const found = venues.get(protocol, market);
        pushed.set(key, found);
        return found;
      },
    },
    clock: { nowMs: () => asOfMs },
  });
  return { asOfMs, margin };
}
