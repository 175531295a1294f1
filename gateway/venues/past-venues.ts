import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { cutReason, UNREADABLE } from '../../chains/venues/read-chain.ts';
import type { Database } from '../../db/connection.ts';
import { chainCutsAt, firstVenueBookMs, venueBooksAt } from '../../db/queries/venue-book-history.ts';
import { keyOf } from '../../db/queries/venue-books.ts';
import type { HaircutParameters } from '../../risk/cross-chain/haircut.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { booksOf, keyFor } from './books-of.ts';
import { PastVenueUnknownError } from './errors.ts';
import type { OnChains } from './on-chains.ts';
import { mayBeOnChain, venueKeys, venuesOf } from './venue-list.ts';

/** What accounts had on chain at past moments, as far as it was known then. */
export interface PastVenues {
  /** null: the account can have nothing there. A venue of which nothing was known then is a failure. @throws DatabaseUnavailableError */
  at(protocol: string, accountId: string, atMs: UnixMs): Promise<OnChains | null>;
  /** Since when the account is known to be on chain; null = it is not. @throws DatabaseUnavailableError */
  sinceMs(protocol: string, accountId: string): Promise<UnixMs | null>;
}

const NOT_KEPT = {
  code: 'venue-past-unknown',
  message: (name: string, chain: string) => `what the account had at ${name} on ${chain} then is not kept`,
};

/**
 * From the books and cuts that were stored, each counting from the market time at which it was learned. Venues, links and
 * haircuts are those of the network file, as are all parameters of the deployment.
 */
export function pastVenues(options: {
  readonly database: Database;
  readonly chains: readonly ChainDefinition[];
  readonly haircut: HaircutParameters;
}): PastVenues {
  const { database, chains, haircut } = options;
  return {
    async at(protocol, accountId, atMs) {
      const mine = venuesOf(chains, protocol);
      if (mine.length === 0 || !mayBeOnChain(accountId)) return null;
      const keys = mine.map(({ definition, venues }) =>
        venues.map(({ address }) => keyFor(definition.id, address, accountId)),
      );
      const ids = mine.map(({ definition }) => definition.id);
      const [books, cuts] = await Promise.all([
        venueBooksAt(database.orm, keys.flat(), atMs),
        chainCutsAt(database.orm, ids, atMs),
      ]);
      const reads = ids.map((chain, index) => {
        const cut = cuts.get(chain) ?? null;
        const broken = keys[index]!.map((key) => books.get(keyOf(key))?.unreadable ?? null).find(
          (message) => message !== null,
        );
        // A chain that is out of reach comes first, as when it is read.
        const own = broken === undefined ? null : cutReason(UNREADABLE, chain, broken);
        const whole = cut === null ? null : { ...cut, subject: chain };
        return { chain, block: null, cut: whole?.code === 'chain-unavailable' ? whole : (own ?? whole) };
      });
      return booksOf(mine, reads, accountId, books, haircut, NOT_KEPT);
    },
    sinceMs: async (protocol, accountId) =>
      mayBeOnChain(accountId)
        ? firstVenueBookMs(
            database.orm,
            venueKeys(chains, protocol).map((venue) => ({ ...venue, account: accountId })),
          )
        : null,
  };
}

/** Refuses what is not known in full. @throws PastVenueUnknownError */
export function requireKnown(accountId: string, onChains: OnChains | null): void {
  const chains = new Set((onChains?.failures ?? []).map(({ reason }) => reason.subject!));
  if (chains.size > 0) throw new PastVenueUnknownError(accountId, [...chains]);
}
