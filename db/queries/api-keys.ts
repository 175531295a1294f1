import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import { BreakwaterError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { KEYS_CHANNEL, notify } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { apiKeys, protocols } from '../schema/tenants.ts';
import { appendAudit } from './audit.ts';

/** No such key in the protocol (or it is another protocol's, which looks the same). */
export class UnknownKeyError extends BreakwaterError {
  override readonly name = 'UnknownKeyError';
  constructor(id: string) {
    super(`no API key '${id}'`, { type: 'unknown-key', kind: 'not-found' });
  }
}

/** The key was revoked or has expired already. */
export class KeyNotActiveError extends BreakwaterError {
  override readonly name = 'KeyNotActiveError';
  constructor(id: string) {
    super(`API key '${id}' is revoked or expired`, { type: 'key-not-active', kind: 'conflict' });
  }
}

/** A key without its secret. Times are wall time. */
export interface StoredKey {
  /** Visible prefix. */
  readonly id: string;
  readonly protocol: string;
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdAtMs: UnixMs;
  readonly expiresAtMs: UnixMs | null;
  readonly revokedAtMs: UnixMs | null;
  readonly rotatedFrom: string | null;
}

export interface NewKey {
  readonly id: string;
  readonly hash: string;
  readonly protocol: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: UnixMs | null;
}

type Row = typeof apiKeys.$inferSelect;

function fromRow({ createdAt, expiresAt, revokedAt, ...row }: Row): StoredKey {
  return { ...row, createdAtMs: createdAt, expiresAtMs: expiresAt, revokedAtMs: revokedAt };
}

async function insertKey(
  tx: Orm,
  key: NewKey,
  rotatedFrom: string | null,
  nowMs: UnixMs,
): Promise<StoredKey> {
  const { expiresAtMs, scopes, ...rest } = key;
  await tx.insert(protocols).values({ id: key.protocol, createdAt: nowMs }).onConflictDoNothing();
  const rows = await tx
    .insert(apiKeys)
    .values({ ...rest, scopes: [...scopes], expiresAt: expiresAtMs, createdAt: nowMs, rotatedFrom })
    .returning();
  await notify(tx, KEYS_CHANNEL, { id: key.id });
  return fromRow(rows[0]!);
}

/** Stores a new key. @throws DatabaseUnavailableError */
export function createKey(database: Database, key: NewKey, actor: string): Promise<StoredKey> {
  return database.transaction(async (tx) => {
    const stored = await insertKey(tx, key, null, Date.now());
    const { id, protocol, name, scopes, expiresAtMs } = key;
    await appendAudit(tx, {
      protocol,
      actor,
      action: 'key.create',
      subject: id,
      details: { name, scopes, expiresAtMs },
    });
    return stored;
  });
}

/**
 * Adds a key with the name and scopes of another, which goes on working for the overlap (never longer than before).
 * @throws UnknownKeyError, KeyNotActiveError, DatabaseUnavailableError
 */
export function rotateKey(
  database: Database,
  rotation: {
    readonly protocol: string | null;
    readonly id: string;
    readonly next: Pick<NewKey, 'id' | 'hash'>;
    readonly overlapMs: number;
    readonly expiresAtMs: UnixMs | null;
    /** Scopes that the caller may pass on; null = all. */
    readonly grantable: ReadonlySet<string> | null;
  },
  actor: string,
): Promise<StoredKey> {
  return database.transaction(async (tx) => {
    const now = Date.now();
    const old = await lockKey(tx, rotation.protocol, rotation.id);
    if (old.revokedAtMs !== null || (old.expiresAtMs !== null && old.expiresAtMs <= now)) {
      throw new KeyNotActiveError(old.id);
    }
    const { grantable } = rotation;
    // A caller without a scope of the key must not get a key that has it.
    if (grantable !== null && old.scopes.some((scope) => !grantable.has(scope)))
      throw new UnknownKeyError(old.id);
    const endsAt = Math.min(now + rotation.overlapMs, old.expiresAtMs ?? Number.POSITIVE_INFINITY);
    const { protocol, name, scopes } = old;
    await tx.update(apiKeys).set({ expiresAt: endsAt }).where(eq(apiKeys.id, old.id));
    const next = { ...rotation.next, protocol, name, scopes, expiresAtMs: rotation.expiresAtMs };
    const stored = await insertKey(tx, next, old.id, now);
    await appendAudit(tx, {
      protocol,
      actor,
      action: 'key.rotate',
      subject: old.id,
      details: { replacedBy: next.id, endsAtMs: endsAt, expiresAtMs: next.expiresAtMs },
    });
    return stored;
  });
}

/** Ends a key now, on every gateway. A key that is revoked already stays so. @throws UnknownKeyError */
export function revokeKey(
  database: Database,
  { protocol, id }: { readonly protocol: string | null; readonly id: string },
  actor: string,
): Promise<StoredKey> {
  return database.transaction(async (tx) => {
    const key = await lockKey(tx, protocol, id);
    if (key.revokedAtMs !== null) return key;
    const revokedAtMs = Date.now();
    await tx.update(apiKeys).set({ revokedAt: revokedAtMs }).where(eq(apiKeys.id, id));
    await notify(tx, KEYS_CHANNEL, { id });
    await appendAudit(tx, { protocol: key.protocol, actor, action: 'key.revoke', subject: id, details: {} });
    return { ...key, revokedAtMs };
  });
}

async function lockKey(tx: Orm, protocol: string | null, id: string): Promise<StoredKey> {
  const own = protocol === null ? undefined : eq(apiKeys.protocol, protocol);
  const rows = await tx
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), own))
    .for('update');
  if (rows[0] === undefined) throw new UnknownKeyError(id);
  return fromRow(rows[0]);
}

/** Keys of a protocol, or of all, oldest first. @throws DatabaseUnavailableError */
export async function listKeys(orm: Orm, protocol: string | null): Promise<readonly StoredKey[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(apiKeys)
      .where(protocol === null ? undefined : eq(apiKeys.protocol, protocol))
      .orderBy(asc(apiKeys.protocol), asc(apiKeys.createdAt), asc(apiKeys.id)),
  );
  return rows.map(fromRow);
}

/** What a gateway needs to recognise callers. `any` also counts keys that are revoked or expired. */
export async function loadKeys(orm: Orm): Promise<{
  readonly any: boolean;
  readonly keys: readonly StoredKey[];
  readonly quotas: ReadonlyMap<string, number>;
}> {
  return withDatabaseErrors(async () => {
    const rows = await orm.select().from(apiKeys).where(isNull(apiKeys.revokedAt));
    const any = rows.length > 0 || (await orm.select({ id: apiKeys.id }).from(apiKeys).limit(1)).length > 0;
    const quotas = await orm
      .select({ id: protocols.id, limit: protocols.requestsPerMinute })
      .from(protocols)
      .where(sql`${protocols.requestsPerMinute} is not null`);
    return { any, keys: rows.map(fromRow), quotas: new Map(quotas.map(({ id, limit }) => [id, limit!])) };
  });
}

/** Sets the quota of a protocol; null gives it the deployment's. @throws DatabaseUnavailableError */
export function setQuota(
  database: Database,
  protocol: string,
  requestsPerMinute: number | null,
  actor: string,
): Promise<void> {
  return database.transaction(async (tx) => {
    await tx
      .insert(protocols)
      .values({ id: protocol, requestsPerMinute, createdAt: Date.now() })
      .onConflictDoUpdate({ target: protocols.id, set: { requestsPerMinute } });
    await notify(tx, KEYS_CHANNEL, { protocol });
    const details = { requestsPerMinute };
    await appendAudit(tx, { protocol, actor, action: 'protocol.quota', subject: protocol, details });
  });
}
