import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { listen, POSITIONS_CHANNEL } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import { type AccountKey, getAccount, listAccounts, type StoredAccount } from '../../db/queries/accounts.ts';
import type { PriceBook } from '../../oracles/book/price-book.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { LiveNetting } from '../consents/live-netting.ts';
import { protocolsWithVenues } from '../venues/venue-list.ts';
import { portfolioOf } from './accounts.ts';
import type { MarginService } from './margin-service.ts';
import { type StatusChange, StatusWatch } from './status-watch.ts';

/** Books in memory at most, some 4 KB each; the sweep alone finds the changes of further ones. */
const MAX_ACCOUNTS = 200_000;
const PAGE = 500;
/** Wall time between two readings of all books, for announcements that were lost. */
const RELOAD_MS = 300_000;

/**
 * Watches the status of every pushed book of this deployment and tells when a tick changes one, without the wait for a
 * sweep. Not those of protocols with venues on chain, whose pushed part alone says nothing.
 */
export function watchStatuses(options: {
  readonly database: Database;
  readonly book: PriceBook;
  readonly margin: Pick<MarginService, 'inputs'>;
  readonly clock: Clock;
  readonly chains: readonly ChainDefinition[];
  readonly tell: (change: StatusChange) => void;
  /** Of accounts in a consent a book alone decides nothing: the sweep finds their changes. */
  readonly netting?: Pick<LiveNetting, 'has'> | null;
  readonly logger: Logger;
}): { readonly watch: StatusWatch; close(): Promise<void> } {
  const { database, book, margin, clock, chains, logger, netting = null } = options;
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
  const onChain = new Set(protocolsWithVenues(chains));
  let closed = false;
  const take = (row: StoredAccount) => {
    if (onChain.has(row.protocol)) return;
    const { protocol, account, sequence } = row;
    watch.set({ protocol, accountId: account, sequence, portfolio: portfolioOf(row) });
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
  };
  let loading: Promise<void> = Promise.resolve();
  const reload = () => {
    loading = loading
      .then(() => (closed ? undefined : loadAll()))
      .catch((error) => logger.warn({ err: error }, 'books to watch could not be read'));
  };
  const listener = listen({
    url: database.url,
    channels: [POSITIONS_CHANNEL],
    onMessage: (_, payload) => {
      const { protocol, account } = payload as { protocol: string; account: string };
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
      leave();
      watch.stop();
      await listener.close();
      await loading;
    },
  };
}
