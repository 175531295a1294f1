import { and, desc, eq, gt, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { consentFilings, nettingConsents } from '../schema/consents.ts';
import { UnknownConsentError } from './consent-errors.ts';

/** What a side may see of the other one: equity and requirement, or its positions too. */
export type Sees = 'totals' | 'positions';

export interface ConsentSide {
  readonly protocol: string;
  readonly account: string;
  readonly sees: Sees;
}

/** What an owner signs. */
export interface ConsentDocument {
  /** Lower case. */
  readonly owner: string;
  readonly sides: readonly [ConsentSide, ConsentSide];
  readonly moduleId: string;
  readonly moduleVersion: string;
  /** 0x and 64 hex digits. */
  readonly parametersHash: string;
  readonly nonce: string;
  /** Unix seconds of market time. */
  readonly issuedAt: number;
  readonly validUntil: number;
}

/** A consent; all times are market time. */
export interface StoredConsent {
  readonly id: string;
  readonly document: ConsentDocument;
  readonly validUntilMs: UnixMs;
  /** null: not filed by both. */
  readonly inForceFromMs: UnixMs | null;
  readonly endedAtMs: UnixMs | null;
  /** `owner` or a protocol. */
  readonly endedBy: string | null;
}

export interface ConsentFiling {
  readonly account: string;
  readonly signature: string;
  readonly maxReliefWad: Wad | null;
  readonly filedBy: string;
  readonly filedAtMs: UnixMs;
}

/** A consent as one of its protocols knows it. */
export interface FiledConsent {
  readonly consent: StoredConsent;
  readonly filing: ConsentFiling;
}

interface Row {
  readonly consent: typeof nettingConsents.$inferSelect;
  readonly filing: typeof consentFilings.$inferSelect;
}

export function consentOf(row: Row['consent']): StoredConsent {
  const { validUntil, inForceFrom, endedAt, document, ...rest } = row;
  return {
    ...rest,
    document: document as ConsentDocument,
    validUntilMs: validUntil,
    inForceFromMs: inForceFrom,
    endedAtMs: endedAt,
  };
}

export function filedOf({ consent, filing }: Row): FiledConsent {
  const { account, signature, maxReliefWad, filedBy, filedAt } = filing;
  return {
    consent: consentOf(consent),
    filing: { account, signature, maxReliefWad, filedBy, filedAtMs: filedAt },
  };
}

const filed = (orm: Orm) =>
  orm
    .select({ consent: nettingConsents, filing: consentFilings })
    .from(consentFilings)
    .innerJoin(nettingConsents, eq(nettingConsents.id, consentFilings.consent));

/** One that the protocol filed. @throws UnknownConsentError, DatabaseUnavailableError */
export async function getConsent(orm: Orm, protocol: string, id: string): Promise<FiledConsent> {
  const [row] = await withDatabaseErrors(() =>
    filed(orm).where(and(eq(consentFilings.protocol, protocol), eq(consentFilings.consent, id))),
  );
  if (row === undefined) throw new UnknownConsentError(id);
  return filedOf(row);
}

/** Those that the protocol filed, newest first, a page at a time. @throws DatabaseUnavailableError */
export async function listConsents(
  orm: Orm,
  protocol: string,
  page: {
    readonly before: { readonly filedAtMs: UnixMs; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<readonly FiledConsent[]> {
  const { before, limit } = page;
  const at = before === null ? null : new Date(before.filedAtMs).toISOString();
  const rows = await withDatabaseErrors(() =>
    filed(orm)
      .where(
        and(
          eq(consentFilings.protocol, protocol),
          before === null
            ? undefined
            : sql`(${consentFilings.filedAt}, ${consentFilings.consent}) < (${at}::timestamptz, ${before.id})`,
        ),
      )
      .orderBy(desc(consentFilings.filedAt), desc(consentFilings.consent))
      .limit(limit),
  );
  return rows.map(filedOf);
}

/** The consent in force for an account at a market time, also a past one; null without one. @throws DatabaseUnavailableError */
export async function consentInForce(
  orm: Orm,
  protocol: string,
  account: string,
  atMs: UnixMs,
): Promise<FiledConsent | null> {
  const [row] = await withDatabaseErrors(() =>
    filed(orm).where(
      and(
        eq(consentFilings.protocol, protocol),
        eq(consentFilings.account, account),
        lte(nettingConsents.inForceFrom, atMs),
        or(isNull(nettingConsents.endedAt), gt(nettingConsents.endedAt, atMs)),
        gt(nettingConsents.validUntil, atMs),
      ),
    ),
  );
  return row === undefined ? null : filedOf(row);
}

/** Accounts in a consent that both sides filed and nobody ended, expired or not. @throws DatabaseUnavailableError */
export async function consentedAccounts(
  orm: Orm,
): Promise<
  readonly { readonly protocol: string; readonly account: string; readonly validUntilMs: UnixMs }[]
> {
  return withDatabaseErrors(() =>
    orm
      .select({
        protocol: consentFilings.protocol,
        account: consentFilings.account,
        validUntilMs: nettingConsents.validUntil,
      })
      .from(consentFilings)
      .innerJoin(nettingConsents, eq(nettingConsents.id, consentFilings.consent))
      .where(and(isNotNull(nettingConsents.inForceFrom), isNull(nettingConsents.endedAt))),
  );
}

/** Another consent of the same account that counts or may come to count; null without one. Inside a transaction. */
export async function otherConsentOf(
  tx: Orm,
  of: { readonly protocol: string; readonly account: string; readonly id: string },
  atMs: UnixMs,
): Promise<string | null> {
  const [row] = await filed(tx).where(
    and(
      eq(consentFilings.protocol, of.protocol),
      eq(consentFilings.account, of.account),
      ne(consentFilings.consent, of.id),
      isNull(nettingConsents.endedAt),
      gt(nettingConsents.validUntil, atMs),
    ),
  );
  return row?.consent.id ?? null;
}
