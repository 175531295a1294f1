import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { VENUE_BOOKS_CHANNEL } from '../../../db/channels.ts';
import { type Database, openDatabase } from '../../../db/connection.ts';
import { silentLogger } from '../../../db/logger.ts';
import { databaseAccounts } from '../../../gateway/engine/accounts.ts';
import { followChanges } from '../../../gateway/engine/follow-changes.ts';
import type { StatusChange } from '../../../gateway/engine/status-watch.ts';
import { watchStatuses } from '../../../gateway/engine/watch-statuses.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { until } from '../../helpers/until.ts';
import { createWorld } from '../support/gateway.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';

const VENUE = `0x${'ab'.repeat(20)}` as const;
const CHAINS = [
  {
    id: 'hub',
    risk: { protocols: { onchain: [VENUE] }, subjects: { venue: VENUE } },
  },
] as never;
const clock = { nowMs: () => NOW_MS };

let postgres: TestPostgres;
let first: Database;
let second: Database;
const open: (() => Promise<void>)[] = [];
beforeAll(async () => {
  postgres = await startTestPostgres();
  first = await postgres.openMigrated();
  second = openDatabase({ url: first.url });
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});
afterAll(async () => {
  await second?.close();
  await postgres?.stop();
});

const perp = (size: string) => ({
  kind: 'perp' as const,
  id: 'p',
  market: 'BTC-PERP',
  sizeWad: wadFromDecimal(size),
  entryPriceWad: wadFromDecimal('60000'),
  unsettledFundingWad: 0n,
  chain: null,
});
const put = (database: Database, accountId: string, sequence: bigint, cash: string, size: string) => ({
  protocol: 'alpha',
  accountId,
  sequence,
  idempotencyKey: null,
  portfolio: { accountId, cashWad: wadFromDecimal(cash), positions: [perp(size)] },
  database,
});
const push = ({ database, ...input }: ReturnType<typeof put>) =>
  databaseAccounts(database, clock).putPositions(input);

/** What a price book tells, without its sources. */
function board() {
  const prices = new Map<string, RobustPrice>(
    Object.entries({ 'BTC-USD': '60000', 'ETH-USD': '3000', 'USDC-USD': '1' }).map(([id, price]) => [
      id,
      robustPrice(id, price, NOW_MS),
    ]),
  );
  const listeners = new Set<(feedIds: ReadonlySet<string>) => void>();
  return {
    feedIds: [...prices.keys()],
    price: (id: string) => prices.get(id)!,
    subscribe(listener: (feedIds: ReadonlySet<string>) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(id: string, price: string) {
      prices.set(id, robustPrice(id, price, NOW_MS));
      for (const listener of listeners) listener(new Set([id]));
    },
  };
}

describe('changes that a gateway follows', () => {
  function follow(database: Database) {
    const book = board();
    const accounts = databaseAccounts(database, clock);
    const venueData = { put: async () => undefined } as never;
    const followed = followChanges({
      ...{ database, book, accounts, venueData, chains: CHAINS, logger: silentLogger },
    });
    open.push(() => followed.close());
    const { changes } = followed;
    return { ...followed, changes, book };
  }
  /** Follows once a loss of messages would be noticed: it listens. */
  async function listening(database: Database) {
    const followed = follow(database);
    const mark = followed.changes.mark();
    await until('the gateway to listen', () => !followed.changes.unchangedSince(mark, 'nobody', 'x', []));
    return followed;
  }

  it('are those of another gateway too: a push there counts here, for this account alone', async () => {
    const [one, other] = [await listening(first), await listening(second)];
    const mark = other.changes.mark();
    const { database: _, ...input } = put(first, 'moved', 1n, '5000', '0.1');
    await one.accounts.putPositions(input);
    // Where it was taken it counts before it is acknowledged.
    expect(one.changes.unchangedSince(mark, 'alpha', 'moved', [])).toBe(false);
    await until('the push to be announced', () => !other.changes.unchangedSince(mark, 'alpha', 'moved', []));
    expect(other.changes.unchangedSince(mark, 'alpha', 'still', ['BTC-USD'])).toBe(true);
    other.book.set('BTC-USD', '60001');
    expect(other.changes.unchangedSince(mark, 'alpha', 'still', ['BTC-USD'])).toBe(false);
    expect(other.changes.unchangedSince(mark, 'alpha', 'still', ['ETH-USD'])).toBe(true);
  });

  it('are books on chain that anybody found changed, of the protocols of their venue', async () => {
    const here = await listening(second);
    const mark = here.changes.mark();
    first.announce(VENUE_BOOKS_CHANNEL, { chain: 'hub', venue: `0x${'cd'.repeat(20)}`, account: 'a' });
    first.announce(VENUE_BOOKS_CHANNEL, { chain: 'hub', venue: VENUE, account: 'a' });
    await until('the book to be announced', () => !here.changes.unchangedSince(mark, 'onchain', 'a', []));
    expect(here.changes.unchangedSince(mark, 'alpha', 'a', [])).toBe(true);
    // A chain that is cut off is no matter of one account.
    first.announce(VENUE_BOOKS_CHANNEL, { chain: 'hub' });
    await until('the cut to be announced', () => !here.changes.unchangedSince(mark, 'alpha', 'a', []));
  });
});

describe('margin statuses that a gateway watches', () => {
  async function watch(database: Database) {
    const book = board();
    const world = createWorld();
    world.nowMs = NOW_MS;
    const margin = {
      inputs: (...[protocol, portfolio, ask]: Parameters<typeof world.margin.inputs>) => {
        for (const id of book.feedIds) world.prices.set(id, book.price(id));
        return world.margin.inputs(protocol, portfolio, ask);
      },
    };
    const told: StatusChange[] = [];
    const watched = watchStatuses({
      ...{ database, book, margin, clock, chains: [], logger: silentLogger },
      held: { merge: async () => [] },
      books: async function* none() {},
      tell: (change) => told.push(change),
    });
    open.push(() => watched.close());
    const settled = () => until('every book to be margined', () => watched.watch.waiting === 0);
    return { ...watched, book, told, settled };
  }

  it('are those of books that another gateway took, with the book that it took last', async () => {
    await push(put(first, 'early', 1n, '20000', '1'));
    const [here, there] = [await watch(first), await watch(second)];
    for (const { watch: each } of [here, there]) {
      await until('the stored books to be there', () => each.size >= 1 && each.waiting === 0);
    }
    const size = there.watch.size;
    await push(put(first, 'late', 1n, '20000', '1'));
    await until('the push to be seen', () => there.watch.size === size + 1);
    await there.settled();
    const of = (accountId: string) =>
      there.told
        .filter((change) => change.accountId === accountId)
        .map(({ sequence, result }) => [sequence, result.status]);
    // 2,000 left of the cash against 42,000 of BTC.
    there.book.set('BTC-USD', '42000');
    await there.settled();
    expect([of('early').length, of('late').length]).toEqual([1, 1]);
    expect(of('late')[0]).toEqual([1n, of('early')[0]![1]]);
    expect(of('late')[0]![1]).not.toBe('healthy');
    // With more cash the account is healthy again, by the book alone: the price stands still.
    await push(put(first, 'late', 2n, '90000', '1'));
    await until('the new book to be margined', () => of('late').length === 2);
    expect(of('late')[1]).toEqual([2n, 'healthy']);
    expect(of('early')).toHaveLength(1);
  });
});
