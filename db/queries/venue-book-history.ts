import { and, desc, eq, inArray, lte, sql } from 'drizzle-orm';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { contentHash } from '../json.ts';
import { chainCuts, venueBookHistory } from '../schema/venue-books.ts';
import { unsettled } from './settled.ts';
import { keyOf, type StoredVenueBook, storeVenueBooks, type VenueBookKey } from './venue-books.ts';

/** Why a chain is cut off; null = it is not. */
export type CutSeen = { readonly code: string; readonly message: string } | null;

/** What a reading of chains found. */
export interface VenueReading {
  readonly books: readonly StoredVenueBook[];
  /** Books that are there but cannot be read: they count as last read. */
  readonly unreadable: readonly (VenueBookKey & { readonly message: string })[];
  readonly cuts: ReadonlyMap<string, CutSeen>;
}

/** A book as it counted at a past market time. */
export interface PastVenueBook extends StoredVenueBook {
  readonly learnedAtMs: UnixMs;
  readonly unreadable: string | null;
}

/** Books, and so locks, in one transaction. */
const BATCH = 500;

/**
 * Stores a reading: the latest books, and what differs from before, books and cuts, at a market time after every settled
 * moment. A book of an earlier block than the stored one is left out. @returns what differs.
 * @throws DatabaseUnavailableError, NotStorableError
 */
export async function storeVenueReading(
  database: Database,
  { books, unreadable, cuts }: VenueReading,
  nowMs: UnixMs,
): Promise<{ readonly books: readonly VenueBookKey[]; readonly chains: readonly string[] }> {
  const chains = [...cuts].map(([chain, cut]) => ({ chain, cut }));
  const all = [
    ...chains.map((of) => ({ chain: of })),
    ...books.map((book) => ({ book })),
    ...unreadable.map((gone) => ({ gone })),
  ];
  const changed = { books: [] as VenueBookKey[], chains: [] as string[] };
  for (let from = 0; from < all.length; from += BATCH) {
    const part = all.slice(from, from + BATCH);
    const read = part.flatMap((each) => ('book' in each ? [each.book] : []));
    const gone = part.flatMap((each) => ('gone' in each ? [each.gone] : []));
    const seen = part.flatMap((each) => ('chain' in each ? [each.chain] : []));
    const found = await unsettled(database, nowMs, async (tx, marketTimeMs) => {
      await lock(tx, [...read, ...gone].map(keyOf).concat(seen.map(({ chain }) => chain)));
      const written = new Set((await storeVenueBooks(tx, read)).map(keyOf));
      const before = await latest(tx, [...read, ...gone]);
      const rows = [
        ...read.filter((book) => written.has(keyOf(book))).map((book) => ({ ...book, unreadable: null })),
        ...gone.flatMap(({ message, ...key }) => {
          const last = before.get(keyOf(key));
          return last === undefined ? [] : [{ ...last, unreadable: message }];
        }),
      ].filter((row) => contentOf(row) !== contentOf(before.get(keyOf(row))));
      await append(tx, rows, before, marketTimeMs);
      return { books: rows, chains: await appendCuts(tx, seen, marketTimeMs) };
    });
    changed.books.push(...found.books.map(({ chain, venue, account }) => ({ chain, venue, account })));
    changed.chains.push(...found.chains);
  }
  return changed;
}

/** In one order, so that no two wait for each other: a change is written once. */
async function lock(tx: Orm, keys: readonly string[]): Promise<void> {
  const sorted = JSON.stringify([...new Set(keys)].sort());
  await withDatabaseErrors(() =>
    tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(key, 2)) from jsonb_array_elements_text(${sorted}::jsonb) as key`,
    ),
  );
}

const contentOf = (book: (StoredVenueBook & { readonly unreadable: string | null }) | undefined) => {
  if (book === undefined) return null;
  const { sequence, cashWad, positions, unreadable } = book;
  return contentHash({ sequence, cashWad, positions, unreadable });
};

async function append(
  tx: Orm,
  rows: readonly (StoredVenueBook & { readonly unreadable: string | null })[],
  before: ReadonlyMap<string, PastVenueBook>,
  marketTimeMs: UnixMs,
): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) => {
    const { chain, venue, account, sequence, cashWad, positions, unreadable } = row;
    // After the row before, also where another process, whose clock is ahead, wrote that.
    const last = before.get(keyOf(row))?.learnedAtMs ?? Number.NEGATIVE_INFINITY;
    return {
      ...{ chain, venue, account, sequence, cashWad, positions, unreadable },
      blockNumber: row.blockNumber,
      blockHash: row.blockHash,
      blockTime: row.blockTimeMs,
      marketTime: Math.max(marketTimeMs, last + 1),
    };
  });
  await withDatabaseErrors(() => tx.insert(venueBookHistory).values(values));
}

async function appendCuts(
  tx: Orm,
  seen: readonly { readonly chain: string; readonly cut: CutSeen }[],
  marketTimeMs: UnixMs,
): Promise<string[]> {
  const changed: string[] = [];
  for (const { chain, cut } of seen) {
    const [last] = await withDatabaseErrors(() =>
      tx
        .select()
        .from(chainCuts)
        .where(eq(chainCuts.chain, chain))
        .orderBy(desc(chainCuts.marketTime))
        .limit(1),
    );
    const [code, message] = [cut?.code ?? null, cut?.message ?? null];
    if (last !== undefined && last.code === code && last.message === message) continue;
    const marketTime = Math.max(marketTimeMs, (last?.marketTime ?? Number.NEGATIVE_INFINITY) + 1);
    await withDatabaseErrors(() => tx.insert(chainCuts).values({ chain, marketTime, code, message }));
    changed.push(chain);
  }
  return changed;
}

const latest = (orm: Orm, keys: readonly VenueBookKey[]) => venueBooksAt(orm, keys, Number.POSITIVE_INFINITY);

/** Books that counted at a market time, by `keyOf`; those of which nothing was known are left out. @throws DatabaseUnavailableError */
export async function venueBooksAt(
  orm: Orm,
  keys: readonly VenueBookKey[],
  atMs: UnixMs,
): Promise<ReadonlyMap<string, PastVenueBook>> {
  if (keys.length === 0) return new Map();
  const h = venueBookHistory;
  const wanted = sql.join(
    keys.map(({ chain, venue, account }) => sql`(${chain}, ${venue}, ${account})`),
    sql`, `,
  );
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([h.chain, h.venue, h.account])
      .from(h)
      .where(
        and(
          sql`(${h.chain}, ${h.venue}, ${h.account}) in (${wanted})`,
          Number.isFinite(atMs) ? lte(h.marketTime, atMs) : undefined,
        ),
      )
      .orderBy(h.chain, h.venue, h.account, desc(h.marketTime)),
  );
  return new Map(
    rows.map(({ blockTime, marketTime, positions, ...row }) => [
      keyOf(row),
      {
        ...row,
        positions: positions as readonly AnyPosition[],
        blockTimeMs: blockTime,
        learnedAtMs: marketTime,
      },
    ]),
  );
}

/** Since when anything is kept of these books that says that the account is there; null = nothing is. @throws DatabaseUnavailableError */
export async function firstVenueBookMs(orm: Orm, keys: readonly VenueBookKey[]): Promise<UnixMs | null> {
  if (keys.length === 0) return null;
  const h = venueBookHistory;
  const wanted = sql.join(
    keys.map(({ chain, venue, account }) => sql`(${chain}, ${venue}, ${account})`),
    sql`, `,
  );
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ marketTime: h.marketTime })
      .from(h)
      .where(sql`(${h.chain}, ${h.venue}, ${h.account}) in (${wanted}) and ${h.sequence} > 0`)
      .orderBy(h.marketTime)
      .limit(1),
  );
  return rows[0]?.marketTime ?? null;
}

/** Cuts of chains at a market time; a chain that had not been read by then is left out. @throws DatabaseUnavailableError */
export async function chainCutsAt(
  orm: Orm,
  chains: readonly string[],
  atMs: UnixMs,
): Promise<ReadonlyMap<string, CutSeen>> {
  if (chains.length === 0) return new Map();
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([chainCuts.chain])
      .from(chainCuts)
      .where(and(inArray(chainCuts.chain, [...chains]), lte(chainCuts.marketTime, atMs)))
      .orderBy(chainCuts.chain, desc(chainCuts.marketTime)),
  );
  return new Map(
    rows.map(({ chain, code, message }) => [
      chain,
      code === null ? null : { code, message: message ?? code },
    ]),
  );
}
