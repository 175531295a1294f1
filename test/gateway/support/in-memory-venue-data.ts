import { SequenceConflictError } from '../../../db/errors.ts';
import type { VenueDataPort } from '../../../gateway/app/ports.ts';
import type { StoredVenueData } from '../../../gateway/engine/venue-data.ts';
import type { VenueDataStore } from '../../../gateway/engine/venue-data-store.ts';

const text = ({ asOfMs, maxAgeMs, data }: StoredVenueData) =>
  JSON.stringify([asOfMs, maxAgeMs, data], (_, v) => (typeof v === 'bigint' ? `${v}n` : v));

/** A port in memory in place of db/, with the same rules and errors; db/'s own tests run on PostgreSQL. */
export function inMemoryVenueData(store: VenueDataStore): VenueDataPort {
  return {
    async put(entry) {
      const held = store.get(entry.protocol, entry.market);
      if (held !== null && held.sequence >= entry.sequence) {
        const same = held.sequence === entry.sequence && text(held) === text(entry);
        if (!same) throw new SequenceConflictError(entry.market, entry.sequence, held.sequence, 'market');
        return { replayed: true };
      }
      store.set(entry);
      return { replayed: false };
    },
    get: (protocol, market) => store.get(protocol, market),
  };
}
