import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../db/connection.ts';
import { settle, settledUntil } from '../../../db/queries/settled.ts';
import {
  chainCutsAt,
  firstVenueBookMs,
  storeVenueReading,
  type VenueReading,
  venueBooksAt,
} from '../../../db/queries/venue-book-history.ts';
import { keyOf, type StoredVenueBook } from '../../../db/queries/venue-books.ts';
import { chainCuts, venueBookHistory } from '../../../db/schema/venue-books.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';

const T0 = Date.UTC(2026, 0, 1);
let postgres: TestPostgres;
let database: Database;
let other: Database;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
  other = openDatabase({ url: database.url });
});
afterAll(async () => {
  await other?.close();
  await postgres?.stop();
});

const book = (account: string, over: Partial<StoredVenueBook> = {}): StoredVenueBook => ({
  chain: 'hub',
  venue: `0x${'ab'.repeat(20)}`,
  account,
  sequence: 1n,
  cashWad: 5n,
  positions: [{ kind: 'collateral', id: '@hub:v:collateral:ETH', asset: 'ETH', amountWad: 1n, chain: 'hub' }],
  blockNumber: 100n,
  blockHash: `0x${'01'.repeat(32)}`,
  blockTimeMs: T0,
  ...over,
});
const reading = (over: Partial<VenueReading>): VenueReading => ({
  books: [],
  unreadable: [],
  cuts: new Map(),
  ...over,
});
const at = async (one: StoredVenueBook, atMs: number) =>
  (await venueBooksAt(database.orm, [one], atMs)).get(keyOf(one)) ?? null;
const rowsOf = async (account: string) =>
  (await database.orm.select().from(venueBookHistory)).filter((row) => row.account === account);

describe('past books at venues', () => {
  it('are a row per change, each in force from when it was learned', async () => {
    const first = book('a');
    const changed = book('a', { sequence: 2n, cashWad: 9n, blockNumber: 110n, blockTimeMs: T0 + 10_000 });
    expect((await storeVenueReading(database, reading({ books: [first] }), T0 + 1000)).books).toHaveLength(1);
    for (let later = 2; later < 6; later += 1) {
      const same = { ...first, blockNumber: 100n + BigInt(later), blockTimeMs: T0 + later * 1000 };
      const found = await storeVenueReading(database, reading({ books: [same] }), T0 + later * 1000);
      expect(found.books).toEqual([]);
    }
    await storeVenueReading(database, reading({ books: [changed] }), T0 + 20_000);
    // Of a block before the stored one: a gateway that lags changes nothing.
    await storeVenueReading(database, reading({ books: [first] }), T0 + 21_000);
    expect(await rowsOf('a')).toHaveLength(2);
    expect(await at(first, T0 + 999)).toBeNull();
    expect(await at(first, T0 + 19_999)).toMatchObject({
      ...first,
      learnedAtMs: T0 + 1000,
      unreadable: null,
    });
    expect(await at(first, T0 + 20_000)).toMatchObject({ ...changed, learnedAtMs: T0 + 20_000 });
    expect(await firstVenueBookMs(database.orm, [first])).toBe(T0 + 1000);
    expect(await firstVenueBookMs(database.orm, [book('nobody')])).toBeNull();
  });

  it('say from when a book could not be read, and again could; of what was never read they say nothing', async () => {
    const first = book('b');
    const { chain, venue, account } = first;
    const gone = reading({
      unreadable: [
        { chain, venue, account, message: 'kind 9 is not known' },
        { chain, venue, account: 'never', message: 'kind 9 is not known' },
      ],
    });
    await storeVenueReading(database, reading({ books: [first] }), T0 + 1000);
    await storeVenueReading(database, gone, T0 + 2000);
    await storeVenueReading(database, gone, T0 + 3000);
    await storeVenueReading(database, reading({ books: [{ ...first, blockTimeMs: T0 + 4000 }] }), T0 + 4000);
    expect((await rowsOf('b')).map(({ unreadable }) => unreadable)).toEqual([
      null,
      'kind 9 is not known',
      null,
    ]);
    expect(await at(first, T0 + 2500)).toMatchObject({ cashWad: 5n, unreadable: 'kind 9 is not known' });
    expect(await rowsOf('never')).toEqual([]);
  });

  it('are written once by two gateways that see the same, in the order in which they were learned', async () => {
    const first = book('c');
    const both = await Promise.all(
      [database, other].map((each) => storeVenueReading(each, reading({ books: [first] }), T0 + 5000)),
    );
    expect(both.map(({ books }) => books.length).sort()).toEqual([0, 1]);
    // A clock that is behind: later all the same.
    const next = book('c', { sequence: 2n, blockTimeMs: T0 + 1 });
    await storeVenueReading(other, reading({ books: [next] }), T0 + 4000);
    expect(await at(first, T0 + 5000)).toMatchObject({ sequence: 1n });
    expect(await at(first, T0 + 5001)).toMatchObject({ sequence: 2n, learnedAtMs: T0 + 5001 });
  });

  it('and cuts of chains never change what a settled moment was', async () => {
    const cut = { code: 'sequencer', message: 'down' };
    const cuts = (found: typeof cut | null) => reading({ cuts: new Map([['hub', found]]) });
    expect((await storeVenueReading(database, cuts(null), T0 + 6000)).chains).toEqual(['hub']);
    expect((await storeVenueReading(other, cuts(null), T0 + 7000)).chains).toEqual([]);
    await settle(database, async () => ({ atMs: T0 + 60_000, store: async () => null }));
    // Its clock says before the settled moment.
    await storeVenueReading(other, { ...cuts(cut), books: [book('d')] }, T0 + 50_000);
    expect(await settledUntil(database.orm)).toBe(T0 + 60_000);
    expect(await at(book('d'), T0 + 60_000)).toBeNull();
    expect(await chainCutsAt(database.orm, ['hub', 'l2'], T0 + 60_000)).toEqual(new Map([['hub', null]]));
    expect(await chainCutsAt(database.orm, ['hub'], T0 + 60_001)).toEqual(new Map([['hub', cut]]));
    expect(await at(book('d'), T0 + 60_001)).toMatchObject({ sequence: 1n });
    expect(await chainCutsAt(database.orm, ['hub'], T0 + 5999)).toEqual(new Map());
    expect(await database.orm.select().from(chainCuts)).toHaveLength(2);
  });
});
