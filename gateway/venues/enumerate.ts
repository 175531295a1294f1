import { createHash } from 'node:crypto';
import type { ChainReader } from '../../chains/clients/ports.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { venueAccountNames } from '../../chains/venues/list-accounts.ts';
import type { Database } from '../../db/connection.ts';
import { knownAccounts } from '../../db/queries/accounts.ts';
import { venueBookAccounts } from '../../db/queries/venue-books.ts';
import { mayBeOnChain, protocolsWithVenues, venuesOf } from './venue-list.ts';

/** An account by its protocol and name. */
export interface AccountName {
  readonly protocol: string;
  readonly account: string;
}

/** Part `index` of `count` of all accounts; the parts are disjoint and together complete. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

const PAGE = 1000;

const inShard = ({ protocol, account }: AccountName, { index, count }: Shard) =>
  createHash('sha256').update(`${protocol}\n${account}`).digest().readUInt32BE(0) % count === index;

/**
 * Accounts that venues have and under which nothing was pushed, a page at a time, each once: a sweep over what was pushed
 * would not see them. A venue that cannot be read has the accounts that it had when it was last read.
 */
export async function* accountsOnChainOnly(
  options: {
    readonly database: Database;
    readonly chains: readonly ChainDefinition[];
    readonly readers: ReadonlyMap<string, ChainReader>;
    /** Of this protocol alone. */
    readonly protocol?: string;
  },
  shard: Shard = { index: 0, count: 1 },
): AsyncGenerator<readonly AccountName[]> {
  const { database, chains, readers, protocol: only } = options;
  for (const protocol of protocolsWithVenues(chains)) {
    if (only !== undefined && protocol !== only) continue;
    const told = new Set<string>();
    for (const { definition, venues } of venuesOf(chains, protocol)) {
      for (const venue of venues) {
        const live = await venueAccountNames(readers.get(definition.id)!, venue);
        const names = live ?? (await storedNames(database, definition.id, venue.address));
        const mine = names.filter(
          (account) => mayBeOnChain(account) && !told.has(account) && inShard({ protocol, account }, shard),
        );
        for (let from = 0; from < mine.length; from += PAGE) {
          const page = mine.slice(from, from + PAGE);
          const pushed = await knownAccounts(database.orm, protocol, page);
          for (const account of page) told.add(account);
          yield page.flatMap((account) => (pushed.has(account) ? [] : [{ protocol, account }]));
        }
      }
    }
  }
}

async function storedNames(database: Database, chain: string, address: string): Promise<string[]> {
  const names: string[] = [];
  let after: string | null = null;
  for (;;) {
    const key = { chain, venue: address.toLowerCase() };
    const page: readonly string[] = await venueBookAccounts(database.orm, key, after, PAGE);
    names.push(...page);
    if (page.length < PAGE) return names;
    after = page.at(-1)!;
  }
}
