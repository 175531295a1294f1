import type { ChainReader } from '../../chains/clients/ports.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { type ChainBooks, readChainBooks, UNREADABLE } from '../../chains/venues/read-chain.ts';
import type { CutSeen } from '../../db/queries/venue-book-history.ts';
import { keyOf, type StoredVenueBook, type VenueBookKey } from '../../db/queries/venue-books.ts';
import { DEFAULT_HAIRCUT, type HaircutParameters } from '../../risk/cross-chain/haircut.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import { UnknownAccountError, VenueUnreachableError } from '../app/errors.ts';
import type { AccountsPort, StoredAccount } from '../app/ports.ts';
import { booksOf, keyFor } from './books-of.ts';
import { type LastBooks, lastBooksInMemory } from './last-books.ts';
import { type OnChains, withBooksOn } from './on-chains.ts';
import { mayBeOnChain, venuesOf } from './venue-list.ts';

/** A pushed book together with what the account has at its protocol's venues. */
export interface MergedAccount extends StoredAccount {
  /** The book without what lies on chain. */
  readonly pushed: AnyPortfolio;
  /** null: the protocol has no venues. */
  readonly onChains: OnChains | null;
}

export interface VenueAccountsOptions {
  readonly accounts: Pick<AccountsPort, 'get'>;
  readonly chains: readonly ChainDefinition[];
  readonly readers: ReadonlyMap<string, ChainReader>;
  /** What was last read; in memory alone when left out. */
  readonly last?: LastBooks;
  /** Of the deployment; the defaults of risk/cross-chain when left out. */
  readonly haircut?: HaircutParameters;
}

/** A book that was pushed; null: nothing was. */
export interface Pushed {
  readonly accountId: string;
  readonly book: Omit<StoredAccount, 'protocol' | 'accountId'> | null;
}

export interface VenueAccounts {
  /** @throws UnknownAccountError, VenueUnreachableError when only a chain that cannot be read could know it, DatabaseUnavailableError */
  get(protocol: string, accountId: string): Promise<MergedAccount>;
  /** The same of many accounts of one protocol, each chain read at one block; those that are nowhere are left out. @throws DatabaseUnavailableError */
  merge(protocol: string, pushed: readonly Pushed[]): Promise<readonly MergedAccount[]>;
}

/**
 * Accounts with what they have on chain under the same name, read at one block per chain when they are asked for. What
 * cannot be read counts as last read, by whichever gateway; what has never been read makes the account unknown.
 */
export function venueAccounts(options: VenueAccountsOptions): VenueAccounts {
  const { accounts, chains, readers, last = lastBooksInMemory(), haircut = DEFAULT_HAIRCUT } = options;

  async function merge(
    protocol: string,
    pushed: readonly Pushed[],
    /** Gets accounts that are nowhere, but may be on this chain, which has never been read for them. */
    doubtful = new Map<string, string>(),
  ): Promise<readonly MergedAccount[]> {
    const mine = venuesOf(chains, protocol);
    const onChain = mine.length === 0 ? [] : pushed.filter(({ accountId }) => mayBeOnChain(accountId));
    const names = onChain.map(({ accountId }) => accountId);
    const reads = await Promise.all(
      (names.length === 0 ? [] : mine).map(({ definition, venues }) =>
        readChainBooks(readers.get(definition.id)!, definition.sequencerUptimeFeed, venues, names),
      ),
    );
    const keys = (account: string) =>
      mine.flatMap(({ definition, venues }) =>
        venues.map(({ address }) => keyFor(definition.id, address, account)),
      );
    const fresh = new Map<string, StoredVenueBook>();
    const missing: VenueBookKey[] = [];
    const unreadable: (VenueBookKey & { readonly message: string })[] = [];
    names.forEach((account, at) => {
      const books = reads.flatMap((read) =>
        read[at]!.books.map((book, index) => ({
          book,
          block: read[at]!.block,
          error: read[at]!.errors[index] ?? null,
        })),
      );
      keys(account).forEach((key, index) => {
        const { book, block, error } = books[index]!;
        if (book === null || block === null) missing.push(key);
        else fresh.set(keyOf(key), { ...key, ...book, ...blockOf(block) });
        if (error !== null) unreadable.push({ ...key, message: error });
      });
    });
    // Who is nowhere leaves nothing behind: names in requests are anybody's.
    const known = new Set(onChain.flatMap(({ accountId, book }) => (book === null ? [] : [accountId])));
    for (const { account, sequence } of fresh.values()) if (sequence > 0n) known.add(account);
    const [before] = await Promise.all([
      missing.length === 0 ? new Map<string, StoredVenueBook>() : last.last(missing),
      last.keep({
        books: [...fresh.values()].filter(({ account }) => known.has(account)),
        unreadable,
        cuts: cutsOf(reads),
      }),
    ]);
    const counted = new Map([...before, ...fresh]);
    const indexOf = new Map(names.map((name, index) => [name, index] as const));
    return pushed.flatMap(({ accountId, book }): MergedAccount[] => {
      const at = indexOf.get(accountId);
      const found =
        at === undefined
          ? null
          : booksOf(
              mine,
              reads.map((read) => read[at]!),
              accountId,
              counted,
              haircut,
            );
      const somewhere = found?.venues.some(({ sequence }) => sequence > 0n) ?? false;
      if (book === null && !somewhere) {
        const unread = found?.failures[0]?.reason.subject;
        if (unread !== undefined) doubtful.set(accountId, unread);
        return [];
      }
      const own = book ?? NOTHING(accountId);
      const { portfolio } = own;
      return [
        {
          ...own,
          protocol,
          accountId,
          pushed: portfolio,
          portfolio: withBooksOn(portfolio, found),
          onChains: found,
        },
      ];
    });
  }

  return {
    merge: (protocol, pushed) => merge(protocol, pushed),
    async get(protocol, accountId) {
      const stored = await accounts.get(protocol, accountId).catch((error: unknown) => {
        if (error instanceof UnknownAccountError) return null;
        throw error;
      });
      const doubtful = new Map<string, string>();
      const [merged] = await merge(protocol, [{ accountId, book: stored }], doubtful);
      if (merged !== undefined) return merged;
      const chain = doubtful.get(accountId);
      throw chain === undefined ? new UnknownAccountError(accountId) : new VenueUnreachableError(chain);
    },
  };
}

const NOTHING = (accountId: string) => ({
  sequence: 0n,
  updatedAtMs: 0,
  portfolio: { accountId, cashWad: 0n, positions: [] },
});

const blockOf = ({ number, hash, timeMs }: NonNullable<ChainBooks['block']>) => ({
  blockNumber: number,
  blockHash: hash,
  blockTimeMs: timeMs,
});

/** State of each chain that the reads tell: one where every account has an unreadable book tells none. */
function cutsOf(reads: readonly (readonly ChainBooks[])[]): Map<string, CutSeen> {
  return new Map(
    reads.flatMap((read): [string, CutSeen][] => {
      const of = read.find(({ cut }) => cut?.code !== UNREADABLE);
      return of === undefined ? [] : [[of.chain, of.cut]];
    }),
  );
}
