import { and, asc, desc, eq, inArray, isNull, notInArray, or, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { currentCause } from '../cause.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { publicationArrivals, publications } from '../schema/publications.ts';
import { appendAudit } from './audit.ts';

/**
 * pending: waits to be sent. scheduled: the hub holds its approvals until the time lock is over. sending: signed and
 * recorded, not mined. published: on the hub. arrived: every chain answers it. refused, superseded: final, not sent.
 */
export type PublicationState =
  | 'pending'
  | 'scheduled'
  | 'sending'
  | 'published'
  | 'arrived'
  | 'refused'
  | 'superseded';

/** waiting: not there. stuck: longer than it should be. arrived: the oracle answers it. overtaken: a newer one is there. */
export type ArrivalState = 'waiting' | 'stuck' | 'arrived' | 'overtaken';

type Row = typeof publications.$inferSelect;
type ArrivalRow = typeof publicationArrivals.$inferSelect;

export interface StoredPublication extends Omit<Row, 'state' | 'source' | 'kind'> {
  readonly state: PublicationState;
  readonly source: 'forecast' | 'governance';
  readonly kind: 'value' | 'parameter' | 'bounds';
}

export interface StoredArrival extends Omit<ArrivalRow, 'state'> {
  readonly state: ArrivalState;
}

export interface PublicationView extends StoredPublication {
  readonly arrivals: readonly StoredArrival[];
}

export type NewPublication = Pick<
  StoredPublication,
  | 'id'
  | 'protocol'
  | 'source'
  | 'kind'
  | 'hub'
  | 'market'
  | 'marketAddress'
  | 'updateType'
  | 'value'
  | 'computedValue'
  | 'decision'
  | 'proposal'
>;

export interface PublicationLine {
  readonly hub: string;
  readonly marketAddress: string;
  readonly updateType: string;
}

const fromRow = (row: Row) => row as StoredPublication;
const onLine = ({ hub, marketAddress, updateType }: PublicationLine) =>
  and(
    eq(publications.hub, hub),
    eq(publications.marketAddress, marketAddress),
    eq(publications.updateType, updateType),
  );

/**
 * Stores a publication with the request that is its cause, once per id. One of the forecasts takes the place of those before it that were not sent.
 * @returns whether it is new
 * @throws DatabaseUnavailableError
 */
export function createPublication(
  database: Database,
  made: NewPublication,
  actor: string,
  nowMs: UnixMs = Date.now(),
): Promise<boolean> {
  return database.transaction((tx) => addPublication(tx, made, actor, nowMs));
}

/** The same inside a transaction. */
export async function addPublication(
  tx: Orm,
  made: NewPublication,
  actor: string,
  nowMs: UnixMs,
): Promise<boolean> {
  const rows = await tx
    .insert(publications)
    .values({ ...made, state: 'pending', dueAt: nowMs, createdAt: nowMs, cause: currentCause() })
    .onConflictDoNothing()
    .returning({ id: publications.id });
  if (rows.length === 0) return false;
  if (made.kind === 'value') {
    await tx
      .update(publications)
      .set({ state: 'superseded', reason: `replaced by ${made.id}`, closedAt: nowMs })
      .where(
        and(
          onLine(made),
          eq(publications.kind, 'value'),
          eq(publications.state, 'pending'),
          sql`${publications.id} <> ${made.id}`,
        ),
      );
  }
  const { protocol, id, market, updateType, kind, source, value, proposal } = made;
  const details = {
    market,
    updateType,
    kind,
    source,
    value: value === null ? null : String(value),
    proposal,
  };
  await appendAudit(tx, { protocol, actor, action: 'publication.create', subject: id, details }, nowMs);
  return true;
}

/** Publications that are not closed, oldest first. @throws DatabaseUnavailableError */
export async function openPublications(orm: Orm, hub: string): Promise<readonly PublicationView[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(publications)
      .where(and(eq(publications.hub, hub), isNull(publications.closedAt)))
      .orderBy(asc(publications.createdAt), asc(publications.id))
      .limit(500),
  );
  return withArrivals(orm, rows.map(fromRow));
}

/** Those that were sent in the transaction of one; that one too. @throws DatabaseUnavailableError */
export async function publicationsSentWith(orm: Orm, id: string): Promise<readonly PublicationView[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(publications)
      .where(or(eq(publications.batch, id), and(eq(publications.id, id), isNull(publications.batch))))
      .orderBy(asc(publications.id)),
  );
  return withArrivals(orm, rows.map(fromRow));
}

/** One publication with its arrivals, whoever it belongs to; null when there is none. @throws DatabaseUnavailableError */
export async function publicationOf(orm: Orm, id: string): Promise<PublicationView | null> {
  const rows = await withDatabaseErrors(() => orm.select().from(publications).where(eq(publications.id, id)));
  return (await withArrivals(orm, rows.map(fromRow)))[0] ?? null;
}

/** The last publication of a line that was not refused or replaced; null before the first. @throws DatabaseUnavailableError */
export async function lastPublication(orm: Orm, line: PublicationLine): Promise<StoredPublication | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(publications)
      .where(
        and(
          onLine(line),
          notInArray(publications.state, ['refused', 'superseded']),
          sql`${publications.value} is not null`,
        ),
      )
      .orderBy(desc(publications.createdAt), desc(publications.id))
      .limit(1),
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** @throws DatabaseUnavailableError */
export async function changePublication(
  orm: Orm,
  id: string,
  values: Partial<Omit<Row, 'id' | 'state'>> & { readonly state?: PublicationState },
): Promise<void> {
  await withDatabaseErrors(() => orm.update(publications).set(values).where(eq(publications.id, id)));
}

/** Writes what is known of an arrival over what was. @throws DatabaseUnavailableError */
export async function saveArrival(
  orm: Orm,
  key: { readonly publication: string; readonly chain: string },
  values: Partial<Omit<ArrivalRow, 'publication' | 'chain' | 'state'>> & { readonly state: ArrivalState },
): Promise<void> {
  await withDatabaseErrors(() =>
    orm
      .insert(publicationArrivals)
      .values({ dueAt: Date.now(), ...key, ...values })
      .onConflictDoUpdate({
        target: [publicationArrivals.publication, publicationArrivals.chain],
        set: values,
      }),
  );
}

/** Publications of a protocol with their arrivals, newest first. @throws DatabaseUnavailableError */
export async function listPublications(
  orm: Orm,
  protocol: string,
  page: {
    readonly before: { readonly createdAtMs: UnixMs; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<readonly PublicationView[]> {
  const { before } = page;
  const at = before === null ? '' : new Date(before.createdAtMs).toISOString();
  const after =
    before === null
      ? undefined
      : sql`(${publications.createdAt}, ${publications.id}) < (${at}::timestamptz, ${before.id})`;
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(publications)
      .where(and(eq(publications.protocol, protocol), after))
      .orderBy(desc(publications.createdAt), desc(publications.id))
      .limit(page.limit),
  );
  return withArrivals(orm, rows.map(fromRow));
}

async function withArrivals(orm: Orm, found: readonly StoredPublication[]): Promise<PublicationView[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(publicationArrivals)
      .where(inArray(publicationArrivals.publication, ids))
      .orderBy(asc(publicationArrivals.chain)),
  );
  return found.map((one) => ({
    ...one,
    arrivals: rows.filter(({ publication }) => publication === one.id) as unknown as StoredArrival[],
  }));
}
