import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { listen, POSITIONS_CHANNEL, VENUE_BOOKS_CHANNEL } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import {
  type AccountKey,
  getAccount,
  getAccounts,
  listAccounts,
  type StoredAccount,
} from '../../db/queries/accounts.ts';
import type { PriceBook } from '../../oracles/book/price-book.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { LiveNetting } from '../consents/live-netting.ts';
import { type EveryBook, pushedOf } from '../venues/every-book.ts';
import type { MergedAccount, VenueAccounts } from '../venues/venue-accounts.ts';
import { protocolsOfVenue, protocolsWithVenues, type VenueChange } from '../venues/venue-list.ts';
import { portfolioOf } from './accounts.ts';
import type { MarginService } from './margin-service.ts';
import { type StatusChange, StatusWatch } from './status-watch.ts';

/** Books in memory at most, some 4 KB each; the sweep alone finds the changes of further ones. */
const MAX_ACCOUNTS = 200_000;
const PAGE = 500;
/** Wall time between two readings of all books, for announcements that were lost. */
const RELOAD_MS = 300_000;
/** Wall time for which changes of accounts on chain are gathered, to be read together, and how many at most. */
const GATHER_MS = 10;
const TOGETHER = 200;

/** What the watch takes of an account. */
type WatchedPart = Pick<MergedAccount, 'accountId' | 'sequence' | 'portfolio' | 'onChains'>;

/**
 * Watches the status of every account of this deployment and tells when a tick changes one, without the wait for a sweep.
 * Those of protocols with venues on chain are watched with what they had there when it was last read: a sweep or a request
 * that finds another book announces it, and it is read anew here.
 */
export function watchStatuses(options: {
  readonly database: Database;
  readonly book: Pick<PriceBook, 'feedIds' | 'price' | 'subscribe'>;
  readonly margin: Pick<MarginService, 'inputs'>;
  readonly clock: Clock;
  readonly chains: readonly ChainDefinition[];
  readonly held: Pick<VenueAccounts, 'merge'>;
  readonly books: EveryBook;
  readonly tell: (change: StatusChange) => void;
  /** Of accounts in a consent a book alone decides nothing: the sweep finds their changes. */
  readonly netting?: Pick<LiveNetting, 'has'> | null;
  readonly logger: Logger;
}): { readonly watch: StatusWatch; close(): Promise<void> } {
  const { database, book, margin, clock, chains, held, books, logger, netting = null } = options;
  const tell = (change: StatusChange) => {
    if (!netting?.has(change.protocol, change.accountId)) options.tell(change);
  };
  const watch = new StatusWatch({
    inputs: (protocol, portfolio) => margin.inputs(protocol, portfolio),
    prices: book,
    clock,
    tell,
    warn: (error) => logger.warn({ err: error }, 'a margin status is not watched'),
  });
  const withVenues = protocolsWithVenues(chains);
  const onChain = new Set(withVenues);
  const warn = (error: unknown) => logger.warn({ err: error }, 'books to watch could not be read');
  let closed = false;
  const take = (row: StoredAccount) => {
    if (onChain.has(row.protocol)) return;
    const { protocol, account, sequence } = row;
    watch.set({ protocol, accountId: account, sequence, portfolio: portfolioOf(row) });
  };
  const takeMerged = (page: readonly WatchedPart[], protocol: string) => {
    for (const { accountId, sequence, portfolio, onChains } of page)
      watch.set({ protocol, accountId, sequence, portfolio, onChains });
  };
  const loadOnChain = async (protocols: readonly string[]) => {
    for (const protocol of protocols) {
      for await (const page of books(protocol)) {
        if (closed || watch.size >= MAX_ACCOUNTS) return;
        takeMerged(page, protocol);
      }
    }
  };
  /** Accounts on chain that changed, by protocol, until they are read. */
  const gathered = new Map<string, Set<string>>();
  let gathering: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  const readGathered = async () => {
    const all = [...gathered];
    gathered.clear();
    for (const [protocol, accounts] of all) {
      const names = [...accounts];
      for (let from = 0; from < names.length && !closed; from += TOGETHER) {
        const page = names.slice(from, from + TOGETHER);
        const rows = new Map(
          (await getAccounts(database.orm, protocol, page)).map((row) => [row.account, pushedOf(row)]),
        );
        const pushed = page.map((accountId) => rows.get(accountId) ?? { accountId, book: null });
        takeMerged(await held.merge(protocol, pushed), protocol);
      }
    }
  };
  const gather = (protocol: string, account: string) => {
    gathered.set(protocol, (gathered.get(protocol) ?? new Set()).add(account));
    gathering ??= setTimeout(() => {
      gathering = undefined;
      reading = reading.then(() => (closed ? undefined : readGathered())).catch(warn);
    }, GATHER_MS);
  };
  const loadAll = async () => {
    let after: AccountKey | null = null;
    do {
      const page = await listAccounts(database.orm, { after, limit: PAGE });
      for (const row of page.accounts) take(row);
      after = page.next;
    } while (after !== null && !closed && watch.size < MAX_ACCOUNTS);
    if (after !== null && !closed)
      logger.warn({ accounts: watch.size }, 'further accounts are left to the sweep');
    await loadOnChain(withVenues);
  };
  let loading: Promise<void> = Promise.resolve();
  const load = (which: () => Promise<void>) => {
    loading = loading.then(() => (closed ? undefined : which())).catch(warn);
  };
  const reload = () => load(loadAll);
  const listener = listen({
    url: database.url,
    channels: [POSITIONS_CHANNEL, VENUE_BOOKS_CHANNEL],
    onMessage: (channel, payload) => {
      if (channel === VENUE_BOOKS_CHANNEL) {
        const { chain, venue, account } = payload as VenueChange;
        const protocols = protocolsOfVenue(chains, chain, venue);
        if (account === undefined) return load(() => loadOnChain(protocols));
        for (const protocol of protocols) gather(protocol, account);
        return;
      }
      const { protocol, account } = payload as { protocol: string; account: string };
      if (onChain.has(protocol)) return gather(protocol, account);
      getAccount(database.orm, protocol, account)
        .then((row) => row !== null && take(row))
        .catch((error) => logger.warn({ err: error }, 'a book to watch could not be read'));
    },
    onGap: reload,
    logger,
  });
  const timer = setInterval(reload, RELOAD_MS);
  const leave = book.subscribe((feedIds) => watch.feedsChanged(feedIds));
  return {
    watch,
    async close() {
      closed = true;
      clearInterval(timer);
      clearTimeout(gathering);
      leave();
      watch.stop();
      await listener.close();
      await Promise.all([loading, reading]);
    },
  };
}
