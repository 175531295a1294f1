import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { Venue } from '../../chains/venues/venue-book.ts';
import type { VenueBookKey } from '../../db/queries/venue-books.ts';
import type { ChainLink } from '../../risk/cross-chain/haircut.ts';

/** Venues of one protocol on one chain. */
export interface ChainVenues {
  readonly definition: ChainDefinition;
  readonly venues: readonly Venue[];
}

/** Venues of a protocol, by chain: subjects whose address the chain lists among the protocol's contracts. */
export function venuesOf(chains: readonly ChainDefinition[], protocol: string): readonly ChainVenues[] {
  return chains.flatMap((definition) => {
    const { id, risk } = definition;
    const own = new Set((risk?.protocols[protocol] ?? []).map((address) => address.toLowerCase()));
    const venues = Object.entries(risk?.subjects ?? {})
      .filter(([, address]) => own.has(address.toLowerCase()))
      .map(([name, address]) => ({ chain: id, name, address }));
    return venues.length === 0 ? [] : [{ definition, venues }];
  });
}

/** The same as books of them are stored. */
export const venueKeys = (
  chains: readonly ChainDefinition[],
  protocol: string,
): readonly Pick<VenueBookKey, 'chain' | 'venue'>[] =>
  venuesOf(chains, protocol).flatMap(({ definition, venues }) =>
    venues.map(({ address }) => ({ chain: definition.id, venue: address.toLowerCase() })),
  );

/** Protocols that have a venue on any chain. */
export function protocolsWithVenues(chains: readonly ChainDefinition[]): readonly string[] {
  const named = new Set(chains.flatMap(({ risk }) => Object.keys(risk?.protocols ?? {})));
  return [...named].filter((protocol) => venuesOf(chains, protocol).length > 0).sort();
}

/** Whether a contract could hold an account of this name: names on chain are of at most 32 ASCII characters. */
export const mayBeOnChain = (accountId: string): boolean => /^[\x21-\x7e]{1,32}$/.test(accountId);

/** How value leaves a chain, by its definition. */
export function linkOf({ crossChain }: ChainDefinition): ChainLink | null {
  if (crossChain === null) return null;
  const { finalitySeconds, messageSeconds, trustWeight, ...haircut } = crossChain;
  return { finalitySeconds, messageSeconds, trustWeight, haircut };
}

/** What `VENUE_BOOKS_CHANNEL` carries: a book that changed, or a chain that was cut off or is back. */
export interface VenueChange {
  readonly chain: string;
  readonly venue?: string;
  readonly account?: string;
}

/** Protocols with a venue at this address of the chain; at any address where none is given. */
export const protocolsOfVenue = (
  chains: readonly ChainDefinition[],
  chain: string,
  venue?: string,
): readonly string[] =>
  protocolsWithVenues(chains).filter((protocol) =>
    venueKeys(chains, protocol).some(
      (key) => key.chain === chain && (venue === undefined || key.venue === venue),
    ),
  );
