import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { contentHash } from '../json.ts';
import { auditHeads, auditLog } from '../schema/audit.ts';

/** Hash before the first entry of a chain. */
export const AUDIT_GENESIS = '0'.repeat(64);

export interface AuditAct {
  readonly protocol: string;
  /** `key:<id>`, `signer:<address>`, `cli`, `local` or `job`. */
  readonly actor: string;
  /** E.g. `key.create`. */
  readonly action: string;
  /** What it was done to, e.g. a key id. */
  readonly subject: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends AuditAct {
  /** 1, 2, 3, ... within the protocol. */
  readonly sequence: number;
  /** Wall time. */
  readonly atMs: UnixMs;
  readonly previousHash: string;
  readonly hash: string;
}

/** SHA-256 (hex) over everything an entry says, the hash of the one before included. */
export function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { protocol, sequence, atMs, actor, action, subject, details, previousHash } = entry;
  return contentHash({ protocol, sequence, atMs, actor, action, subject, details, previousHash });
}

/**
 * Appends to the chain of a protocol. Call it in the transaction of the act itself, so that neither is without the
 * other; a second one on the same protocol waits until it ends.
 * @throws DatabaseUnavailableError, NotStorableError
 */
export async function appendAudit(tx: Orm, act: AuditAct, nowMs: UnixMs = Date.now()): Promise<AuditEntry> {
  return withDatabaseErrors(async () => {
    const { protocol } = act;
    const start = { protocol, sequence: 0, hash: AUDIT_GENESIS };
    await tx.insert(auditHeads).values(start).onConflictDoNothing();
    const heads = await tx.select().from(auditHeads).where(eq(auditHeads.protocol, protocol)).for('update');
    const head = heads[0]!;
    const content = {
      protocol,
      actor: act.actor,
      action: act.action,
      subject: act.subject,
      details: act.details,
      sequence: head.sequence + 1,
      atMs: nowMs,
      previousHash: head.hash,
    };
    const entry: AuditEntry = { ...content, hash: auditHash(content) };
    const { atMs, ...row } = entry;
    await tx.insert(auditLog).values({ ...row, at: atMs });
    await tx
      .update(auditHeads)
      .set({ sequence: entry.sequence, hash: entry.hash })
      .where(eq(auditHeads.protocol, protocol));
    return entry;
  });
}

/** Entries of one protocol after a sequence number, oldest first. @throws DatabaseUnavailableError */
export async function listAudit(
  orm: Orm,
  protocol: string,
  page: { readonly after: number; readonly limit: number },
): Promise<readonly AuditEntry[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.protocol, protocol), gt(auditLog.sequence, page.after)))
      .orderBy(asc(auditLog.sequence))
      .limit(page.limit),
  );
  return rows.map(entryOf);
}

/** Entries of one protocol before a sequence number (null = all), newest first. @throws DatabaseUnavailableError */
export async function listNewestAudit(
  orm: Orm,
  protocol: string,
  page: { readonly before: number | null; readonly limit: number },
): Promise<readonly AuditEntry[]> {
  const older = page.before === null ? undefined : lt(auditLog.sequence, page.before);
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.protocol, protocol), older))
      .orderBy(desc(auditLog.sequence))
      .limit(page.limit),
  );
  return rows.map(entryOf);
}

const entryOf = ({ at, details, ...row }: typeof auditLog.$inferSelect): AuditEntry => ({
  ...row,
  details: details as Readonly<Record<string, unknown>>,
  atMs: at,
});

export interface AuditHead {
  readonly protocol: string;
  readonly sequence: number;
  readonly hash: string;
}

/** Where the chain of a protocol ends; null before its first entry. @throws DatabaseUnavailableError */
export async function auditHead(orm: Orm, protocol: string): Promise<AuditHead | null> {
  const rows = await withDatabaseErrors(() =>
    orm.select().from(auditHeads).where(eq(auditHeads.protocol, protocol)),
  );
  return rows[0] ?? null;
}

/** Last entry of every chain; a chain whose head row is gone is listed with sequence -1. */
export async function auditChains(orm: Orm): Promise<readonly AuditHead[]> {
  return withDatabaseErrors(async () => {
    const heads = await orm.select().from(auditHeads).orderBy(asc(auditHeads.protocol));
    const orphans = await orm.execute<{ protocol: string }>(
      sql`select distinct protocol from ${auditLog} where not exists (select 1 from ${auditHeads} h where h.protocol = ${auditLog.protocol})`,
    );
    return [...heads, ...orphans.rows.map(({ protocol }) => ({ protocol, sequence: -1, hash: '' }))];
  });
}
