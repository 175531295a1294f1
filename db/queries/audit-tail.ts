import type { Database } from '../connection.ts';
import { type AuditEntry, type AuditHead, auditHead, listNewestAudit } from './audit.ts';
import { type AuditFault, sectionFaults } from './verify-audit.ts';

export interface AuditTail {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Where the chain ends; null before its first entry. */
  readonly head: AuditHead | null;
  /** What is wrong with these entries; whether the last one is the end of the chain is seen to without `before`. */
  readonly faults: readonly AuditFault[];
}

/**
 * The last entries of a protocol, recomputed and held against each other and the head, at one moment of the database.
 * What comes before them is not read: that is `verifyAudit`.
 * @throws DatabaseUnavailableError
 */
export function auditTail(
  database: Database,
  protocol: string,
  page: { readonly before: number | null; readonly limit: number },
): Promise<AuditTail> {
  return database.transaction(async (tx) => {
    await tx.execute('set transaction isolation level repeatable read, read only');
    const head = await auditHead(tx, protocol);
    const entries = await listNewestAudit(tx, protocol, page);
    const end = page.before === null ? head : null;
    return { entries, head, faults: sectionFaults(protocol, entries.toReversed(), end) };
  });
}
