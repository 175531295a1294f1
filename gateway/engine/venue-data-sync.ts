import { type Listener, listen, VENUE_DATA_CHANNEL } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import { loadVenueData, putVenueData, venueDataSequences } from '../../db/queries/venue-data.ts';
import type { VenueDataPort } from '../app/ports.ts';
import { keptOf, type StoredVenueData, type VenueData } from './venue-data.ts';
import type { VenueDataStore } from './venue-data-store.ts';

export interface VenueDataSync {
  readonly port: VenueDataPort;
  /** Reads everything from the database. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Wall time between two looks for announcements that were lost with the process that should have made them. */
const LOOK_MS = 5_000;

/**
 * Keeps the store in step with the database: what this process takes in is in it at once, what another took when it
 * is announced, or when its sequence is seen in the table. Loads everything on every (re)connection.
 */
export function syncVenueData(options: {
  readonly database: Database;
  readonly store: VenueDataStore;
  readonly logger: Logger;
  /** Default 5 s. */
  readonly lookMs?: number;
}): VenueDataSync {
  const { database, store, logger, lookMs = LOOK_MS } = options;
  const load = async (of: { protocol: string; market: string } | null) => {
    for (const row of await loadVenueData(database.orm, of))
      store.set({ ...row, data: row.data as VenueData });
  };
  const quietly = (of: { protocol: string; market: string } | null) => {
    load(of).catch((error) => logger.warn({ err: error }, 'venue data could not be read from the database'));
  };
  const lookForMissed = async () => {
    for (const { protocol, market, sequence } of await venueDataSequences(database.orm)) {
      const held = store.get(protocol, market);
      if (held === null || held.sequence < sequence) await load({ protocol, market });
    }
  };
  const timer = setInterval(() => {
    lookForMissed().catch((error) => logger.warn({ err: error }, 'venue data could not be looked through'));
  }, lookMs);
  const listener: Listener = listen({
    url: database.url,
    channels: [VENUE_DATA_CHANNEL],
    onMessage: (_, payload) => quietly(payload as { protocol: string; market: string }),
    onGap: () => quietly(null),
    logger,
  });
  return {
    port: {
      async put(entry: StoredVenueData) {
        const answer = await putVenueData(database, entry, Date.now(), keptOf(entry.data));
        store.set(entry);
        return answer;
      },
      get: (protocol, market) => store.get(protocol, market),
    },
    reload: () => load(null),
    close: () => {
      clearInterval(timer);
      return listener.close();
    },
  };
}
