import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { listen, POSITIONS_CHANNEL, VENUE_BOOKS_CHANNEL } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import type { PriceBook } from '../../oracles/book/price-book.ts';
import type { AccountsPort, VenueDataPort } from '../app/ports.ts';
import { protocolsOfVenue, type VenueChange } from '../venues/venue-list.ts';
import { Changes } from './changes.ts';

export interface FollowedChanges {
  readonly changes: Changes;
  /** The same ports; what is stored through them counts as changed before it is acknowledged. */
  readonly accounts: AccountsPort;
  readonly venueData: VenueDataPort;
  close(): Promise<void>;
}

/**
 * Numbers what changes: reports of the price book and what this process stores at once, books that another gateway
 * took, or found changed on chain, when it is announced. An announcement may be late or lost, so nobody may rely on it for long.
 */
export function followChanges(options: {
  readonly database: Database;
  readonly book: Pick<PriceBook, 'subscribe'>;
  readonly accounts: AccountsPort;
  readonly venueData: VenueDataPort;
  /** Whose venues hold books on chain; none when left out. */
  readonly chains?: readonly ChainDefinition[];
  readonly logger: Logger;
}): FollowedChanges {
  const { database, book, accounts, venueData, chains = [], logger } = options;
  const changes = new Changes();
  const leave = book.subscribe((feedIds) => changes.feeds(feedIds));
  const listener = listen({
    url: database.url,
    channels: [POSITIONS_CHANNEL, VENUE_BOOKS_CHANNEL],
    onMessage: (channel, payload) => {
      if (channel === POSITIONS_CHANNEL) {
        const { protocol, account } = payload as { protocol: string; account: string };
        return changes.account(protocol, account);
      }
      const { chain, venue, account } = payload as VenueChange;
      // A chain that was cut off, or is back, counts for everybody who has something there.
      if (venue === undefined || account === undefined) return changes.everything();
      for (const protocol of protocolsOfVenue(chains, chain, venue)) changes.account(protocol, account);
    },
    onGap: () => changes.everything(),
    logger,
  });
  return {
    changes,
    accounts: {
      ...accounts,
      // Also where it fails: what a broken connection leaves behind is not known.
      putPositions: (input) =>
        accounts.putPositions(input).finally(() => changes.account(input.protocol, input.accountId)),
    },
    venueData: {
      ...venueData,
      put: (entry) => venueData.put(entry).finally(() => changes.everything()),
    },
    async close() {
      leave();
      await listener.close();
    },
  };
}
