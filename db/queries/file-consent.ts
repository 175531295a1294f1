import { and, eq, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { type Wad, wadToDecimal } from '../../risk/units/wad.ts';
import { CONSENTS_CHANNEL, notify } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { contentHash } from '../json.ts';
import { consentFilings, nettingConsents } from '../schema/consents.ts';
import { appendAudit } from './audit.ts';
import {
  ConsentConflictError,
  ConsentEndedError,
  ConsentRefusedError,
  UnknownConsentError,
} from './consent-errors.ts';
import { type ConsentDocument, type FiledConsent, filedOf, otherConsentOf } from './consents.ts';
import { unsettled } from './settled.ts';

/** A document with the caller's side of it, everything about it checked but what the database knows. */
export interface FileConsent {
  readonly id: string;
  readonly document: ConsentDocument;
  readonly protocol: string;
  readonly account: string;
  readonly signature: string;
  readonly maxReliefWad: Wad | null;
}

/**
 * Takes a protocol's filing: its account is the owner's, and it accepts. The second filing puts the consent in force, at a
 * market time that was answered for nobody yet. The same filing again changes nothing.
 * @throws ConsentRefusedError, ConsentConflictError, ConsentEndedError, DatabaseUnavailableError
 */
export function fileConsent(
  database: Database,
  ask: FileConsent,
  actor: string,
  nowMs: UnixMs,
): Promise<FiledConsent> {
  const { id, document, protocol, account, signature, maxReliefWad } = ask;
  return unsettled(database, nowMs, async (tx, atMs) => {
    // Two filings for one account wait for each other, whatever documents they are of.
    await tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`consent ${protocol}\n${account}`}, 0))`,
    );
    const validUntil = document.validUntil * 1000;
    if (validUntil <= atMs) throw new ConsentRefusedError('consent.validUntil', 'is past');
    await tx.insert(nettingConsents).values({ id, document, validUntil }).onConflictDoNothing();
    const [consent] = await tx.select().from(nettingConsents).where(eq(nettingConsents.id, id)).for('update');
    if (consent!.endedAt !== null) throw new ConsentEndedError(id, consent!.endedBy!);
    const filings = await tx.select().from(consentFilings).where(eq(consentFilings.consent, id));
    const own = filings.find((filing) => filing.protocol === protocol);
    if (own !== undefined) {
      if (own.maxReliefWad === maxReliefWad) return filedOf({ consent: consent!, filing: own });
      throw new ConsentConflictError(
        'it was filed with another `maxRelief`; withdraw it and file a new one',
        id,
      );
    }
    const other = await otherConsentOf(tx, { protocol, account, id }, atMs);
    if (other !== null) throw new ConsentConflictError(`'${account}' is in another consent`, other);
    const filing = { consent: id, protocol, account, signature, maxReliefWad, filedBy: actor, filedAt: atMs };
    await tx.insert(consentFilings).values(filing);
    const inForceFrom = filings.length === 1 ? atMs : null;
    const act = {
      subject: id,
      details: { account, owner: document.owner, documentHash: contentHash(document) },
    };
    const protocols = [...filings, filing].map((one) => one.protocol).sort();
    if (inForceFrom !== null) {
      await tx.update(nettingConsents).set({ inForceFrom }).where(eq(nettingConsents.id, id));
      await notify(tx, CONSENTS_CHANNEL, { id });
    }
    for (const of of inForceFrom === null ? [protocol] : protocols) {
      if (of === protocol) {
        const details = {
          ...act.details,
          signature,
          ...(maxReliefWad === null ? {} : { maxRelief: wadToDecimal(maxReliefWad) }),
        };
        await appendAudit(tx, { ...act, details, protocol, actor, action: 'consent.file' });
      }
      if (inForceFrom === null) continue;
      const details = { sides: protocols, inForceFromMs: inForceFrom };
      const by = of === protocol ? actor : `protocol:${protocol}`;
      await appendAudit(tx, { protocol: of, actor: by, action: 'consent.in-force', subject: id, details });
    }
    return filedOf({ consent: { ...consent!, inForceFrom }, filing });
  });
}

/**
 * Ends a consent for good, for both sides, as of now: by `owner` when his signature was checked, else by the protocol. One that has ended
 * stays as it ended. @throws UnknownConsentError when the protocol has filed no such one, DatabaseUnavailableError
 */
export function endConsent(
  database: Database,
  { protocol, id, owner }: { readonly protocol: string; readonly id: string; readonly owner: string | null },
  actor: string,
  nowMs: UnixMs,
): Promise<FiledConsent> {
  return unsettled(database, nowMs, async (tx, atMs) => {
    const filing = await ownFiling(tx, protocol, id);
    const [consent] = await tx.select().from(nettingConsents).where(eq(nettingConsents.id, id)).for('update');
    if (consent!.endedAt !== null) return filedOf({ consent: consent!, filing });
    const by = owner === null ? protocol : 'owner';
    const ended = { endedAt: atMs, endedBy: by };
    await tx.update(nettingConsents).set(ended).where(eq(nettingConsents.id, id));
    const filings = await tx.select().from(consentFilings).where(eq(consentFilings.consent, id));
    for (const of of filings.map((one) => one.protocol).sort()) {
      const via = of === protocol ? actor : `protocol:${protocol}`;
      const details = { by, endedAtMs: atMs, ...(owner === null ? {} : { via }) };
      const who = owner === null ? via : `signer:${owner}`;
      await appendAudit(tx, { protocol: of, actor: who, action: 'consent.end', subject: id, details });
    }
    await notify(tx, CONSENTS_CHANNEL, { id });
    return filedOf({ consent: { ...consent!, ...ended }, filing });
  });
}

async function ownFiling(tx: Orm, protocol: string, id: string) {
  const [filing] = await tx
    .select()
    .from(consentFilings)
    .where(and(eq(consentFilings.consent, id), eq(consentFilings.protocol, protocol)));
  if (filing === undefined) throw new UnknownConsentError(id);
  return filing;
}
