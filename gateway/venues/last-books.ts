import { VENUE_BOOKS_CHANNEL } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import { contentHash } from '../../db/json.ts';
import { type CutSeen, storeVenueReading, type VenueReading } from '../../db/queries/venue-book-history.ts';
import {
  keyOf,
  lastVenueBooks,
  type StoredVenueBook,
  type VenueBookKey,
} from '../../db/queries/venue-books.ts';
import type { Clock } from '../../risk/units/time.ts';

/** Books as they were last read, for chains that cannot be read now. */
export interface LastBooks {
  /** What was just read; returns when it will be known after a restart. @throws DatabaseUnavailableError */
  keep(read: VenueReading): Promise<void>;
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
    async keep({ books: read }) {
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

/** What this process wrote last of a book or a chain, and when. */
interface Written {
  readonly hash: string;
  readonly atMs: number;
}

/**
 * Over the database. What was read is written before the answer that rests on it when it is another thing than was written
 * last, or that is a minute old; memory says which, so that most reads write nothing. What changed is announced.
 */
export function lastBooks(database: Database, clock: Clock): LastBooks {
  const memory = new Map<string, StoredVenueBook>();
  const written = new Map<string, Written>();
  return {
    async keep(read) {
      const nowMs = clock.nowMs();
      const notes: [string, Written][] = [];
      const isNew = (key: string, hash: string, atMs: number): boolean => {
        const before = written.get(key);
        if (before?.hash === hash && Math.abs(atMs - before.atMs) < CONFIRM_MS) return false;
        notes.push([key, { hash, atMs }]);
        return true;
      };
      for (const book of read.books) remember(memory, keyOf(book), book);
      const fresh: VenueReading = {
        books: read.books.filter((book) => {
          const { sequence, cashWad, positions, blockTimeMs } = book;
          return isNew(keyOf(book), contentHash({ sequence, cashWad, positions }), blockTimeMs);
        }),
        unreadable: read.unreadable.filter((one) => isNew(keyOf(one), `! ${one.message}`, nowMs)),
        cuts: new Map([...read.cuts].filter(([chain, cut]) => isNew(chain, textOf(cut), nowMs))),
      };
      if (notes.length === 0) return;
      const { books, chains } = await storeVenueReading(database, fresh, nowMs);
      for (const [key, note] of notes) remember(written, key, note);
      for (const key of books) database.announce(VENUE_BOOKS_CHANNEL, key);
      for (const chain of chains) database.announce(VENUE_BOOKS_CHANNEL, { chain });
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

const textOf = (cut: CutSeen) => (cut === null ? '' : `${cut.code} ${cut.message}`);

function remember<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key);
  all.set(key, value);
  if (all.size > MAX_REMEMBERED) all.delete(all.keys().next().value!);
}
