import type { ChainReader } from '../../chains/clients/ports.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { Database } from '../../db/connection.ts';
import { type AccountKey, listAccounts, type StoredAccount } from '../../db/queries/accounts.ts';
import { accountsOnChainOnly } from './enumerate.ts';
import type { MergedAccount, Pushed, VenueAccounts } from './venue-accounts.ts';

/** Accounts that are read from the database, and on each chain, at once. */
const PAGE = 200;

/** Every account of a protocol with all it has, a page at a time, each once. @throws DatabaseUnavailableError */
export type EveryBook = (
  protocol: string,
) => AsyncIterable<readonly Pick<MergedAccount, 'accountId' | 'sequence' | 'portfolio' | 'onChains'>[]>;

/** A pushed book as it is merged with what lies on chain. */
export const pushedOf = ({ account, sequence, updatedAtMs, cashWad, positions }: StoredAccount): Pushed => ({
  accountId: account,
  book: { sequence, updatedAtMs, portfolio: { accountId: account, cashWad, positions } },
});

/** Over the database and the chains: accounts that were pushed, then those that are on chain only. */
export function everyBook(options: {
  readonly database: Database;
  readonly chains: readonly ChainDefinition[];
  readonly readers: ReadonlyMap<string, ChainReader>;
  readonly held: Pick<VenueAccounts, 'merge'>;
}): (protocol: string) => AsyncGenerator<readonly MergedAccount[]> {
  const { database, held } = options;
  return async function* books(protocol) {
    let after: AccountKey | null = null;
    do {
      const page = await listAccounts(database.orm, { protocol, after, limit: PAGE });
      yield await held.merge(protocol, page.accounts.map(pushedOf));
      after = page.next;
    } while (after !== null);
    for await (const names of accountsOnChainOnly({ ...options, protocol })) {
      for (let from = 0; from < names.length; from += PAGE) {
        const page = names.slice(from, from + PAGE);
        yield await held.merge(
          protocol,
          page.map(({ account }) => ({ accountId: account, book: null })),
        );
      }
    }
  };
}
