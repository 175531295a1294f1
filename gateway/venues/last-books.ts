import type { Database } from '../../db/connection.ts';
import { contentHash } from '../../db/json.ts';
import {
  keyOf,
  lastVenueBooks,
  type StoredVenueBook,
  storeVenueBooks,
  type VenueBookKey,
} from '../../db/queries/venue-books.ts';

/** Books as they were last read, for chains that cannot be read now. */
export interface LastBooks {
  /** Books that were just read; returns when they will be known after a restart. @throws DatabaseUnavailableError */
  keep(books: readonly StoredVenueBook[]): Promise<void>;
  /** By `keyOf`, the latest of what this and other gateways have read. @throws DatabaseUnavailableError */
  last(keys: readonly VenueBookKey[]): Promise<ReadonlyMap<string, StoredVenueBook>>;
}

/** Books that are kept in memory, the oldest given up first. */
const MAX_REMEMBERED = 200_000;
/** Market time between two writes of a book that has not changed: how young the stored block is, at worst. */
const CONFIRM_MS = 60_000;

/** In memory alone: for tests and tools without a database. */
export function lastBooksInMemory(): LastBooks {
  const books = new Map<string, StoredVenueBook>();
  return {
    async keep(read) {
      for (const book of read) remember(books, keyOf(book), book);
    },
    async last(keys) {
      return new Map(
        keys.flatMap((key) => {
          const book = books.get(keyOf(key));
          return book === undefined ? [] : [[keyOf(key), book] as const];
        }),
      );
    },
  };
}

/**
 * Over the database. A book is written before the answer that rests on it when it is another one than was written last,
 * or that one is a minute old; memory says which, so that most reads write nothing.
 */
export function lastBooks(database: Database): LastBooks {
  const memory = new Map<string, StoredVenueBook>();
  const written = new Map<string, { readonly hash: string; readonly atMs: number }>();
  return {
    async keep(read) {
      const fresh: [string, StoredVenueBook, string][] = [];
      for (const book of read) {
        const key = keyOf(book);
        remember(memory, key, book);
        const { sequence, cashWad, positions } = book;
        const hash = contentHash({ sequence, cashWad, positions });
        const before = written.get(key);
        const still = before?.hash === hash && Math.abs(book.blockTimeMs - before.atMs) < CONFIRM_MS;
        if (!still) fresh.push([key, book, hash]);
      }
      if (fresh.length === 0) return;
      await storeVenueBooks(
        database.orm,
        fresh.map(([, book]) => book),
      );
      for (const [key, { blockTimeMs }, hash] of fresh) remember(written, key, { hash, atMs: blockTimeMs });
    },
    async last(keys) {
      const stored = await lastVenueBooks(database.orm, keys);
      return new Map(
        keys.flatMap((key) => {
          const id = keyOf(key);
          const [own, other] = [memory.get(id), stored.get(id)];
          const later =
            own !== undefined && (other === undefined || own.blockTimeMs >= other.blockTimeMs) ? own : other;
          return later === undefined ? [] : [[id, later] as const];
        }),
      );
    },
  };
}

function remember<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key);
  all.set(key, value);
  if (all.size > MAX_REMEMBERED) all.delete(all.keys().next().value!);
}
