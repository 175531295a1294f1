import { describe, expect, it } from 'vitest';
import {
  keyOf,
  lastVenueBooks,
  type StoredVenueBook,
  storeVenueBooks,
  venueBookAccounts,
} from '../../../db/queries/venue-books.ts';
import { useDatabase } from '../../helpers/use.ts';

const T0 = Date.UTC(2026, 0, 1);
const database = await useDatabase();

const book = (over: Partial<StoredVenueBook>): StoredVenueBook => ({
  chain: 'hub',
  venue: `0x${'ab'.repeat(20)}`,
  account: 'a',
  sequence: 2n ** 64n - 1n,
  cashWad: -(10n ** 48n),
  positions: [{ kind: 'collateral', id: '@hub:v:collateral:ETH', asset: 'ETH', amountWad: 1n, chain: 'hub' }],
  blockNumber: 100n,
  blockHash: `0x${'01'.repeat(32)}`,
  blockTimeMs: T0,
  ...over,
});
const lastOf = async (key: StoredVenueBook) => (await lastVenueBooks(database.orm, [key])).get(keyOf(key));

describe('books read on chain', () => {
  it('come back as they were read, each with its block', async () => {
    const [first, second] = [book({}), book({ account: 'b', sequence: 0n, cashWad: 0n, positions: [] })];
    await storeVenueBooks(database.orm, [second, first], T0);
    const found = await lastVenueBooks(database.orm, [first, second, book({ account: 'nobody' })]);
    expect(new Map(found)).toEqual(
      new Map([
        [keyOf(first), first],
        [keyOf(second), second],
      ]),
    );
  });

  it('are not overwritten by a gateway that lags, but are by a chain that began anew', async () => {
    const late = book({ account: 'c', blockNumber: 200n, blockTimeMs: T0 + 10_000 });
    await storeVenueBooks(database.orm, [late], T0);
    const lagging = book({ account: 'c', blockNumber: 199n, blockTimeMs: T0 + 8_000, cashWad: 5n });
    await storeVenueBooks(database.orm, [lagging], T0 + 2_000);
    expect(await lastOf(late)).toEqual(late);
    // The same block again, of another fork: what was read last counts.
    const replaced = { ...late, blockHash: `0x${'02'.repeat(32)}`, cashWad: 7n };
    await storeVenueBooks(database.orm, [replaced], T0 + 3_000);
    expect(await lastOf(late)).toEqual(replaced);
    await storeVenueBooks(database.orm, [lagging], T0 + 120_000);
    expect(await lastOf(late)).toEqual(lagging);
  });

  it('tell which accounts a venue had, page by page', async () => {
    const venue = `0x${'cd'.repeat(20)}`;
    const names = ['p', 'q', 'r', 'none'];
    await storeVenueBooks(
      database.orm,
      names.map((account) => book({ venue, account, sequence: account === 'none' ? 0n : 3n })),
    );
    const page = (after: string | null) => venueBookAccounts(database.orm, { chain: 'hub', venue }, after, 2);
    expect([await page(null), await page('q'), await page('r')]).toEqual([['p', 'q'], ['r'], []]);
  });
});
