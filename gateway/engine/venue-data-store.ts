import type { StoredVenueData } from './venue-data.ts';

/**
 * Latest venue data of this process by protocol and market, copied from the database, which is the truth. One protocol
 * never reads another's.
 */
export class VenueDataStore {
  readonly #held = new Map<string, Map<string, StoredVenueData>>();

  /** Takes data unless what is held has the same or a greater sequence. */
  set(entry: StoredVenueData): void {
    const own = this.#held.get(entry.protocol) ?? new Map<string, StoredVenueData>();
    this.#held.set(entry.protocol, own);
    const held = own.get(entry.market);
    if (held === undefined || held.sequence < entry.sequence) own.set(entry.market, entry);
  }

  get(protocol: string, market: string): StoredVenueData | null {
    return this.#held.get(protocol)?.get(market) ?? null;
  }
}
