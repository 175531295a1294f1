import type { Database, Orm } from '../connection.ts';
import {
  AUDIT_GENESIS,
  type AuditEntry,
  type AuditHead,
  auditChains,
  auditHash,
  listAudit,
} from './audit.ts';

/** One thing that is wrong with a chain. */
export interface AuditFault {
  readonly protocol: string;
  readonly sequence: number;
  readonly what: 'missing' | 'changed' | 'not-linked' | 'head-differs' | 'head-missing' | 'rewritten';
  readonly message: string;
}

export interface AuditReport {
  readonly chains: readonly AuditHead[];
  readonly entries: number;
  readonly faults: readonly AuditFault[];
}

const PAGE = 1_000;

/**
 * Reads every chain from its start and recomputes every hash, at one moment of the database.
 * A row that was changed no longer has its hash; one that was removed or moved leaves a gap or a broken link; the end
 * of a chain is held by its head. Whoever can rewrite a whole chain and its head is found by heads kept elsewhere
 * (`expected`).
 * @throws DatabaseUnavailableError
 */
export function verifyAudit(database: Database, expected: readonly AuditHead[] = []): Promise<AuditReport> {
  return database.transaction(async (tx) => {
    await tx.execute('set transaction isolation level repeatable read, read only');
    const chains = await auditChains(tx);
    const faults: AuditFault[] = [];
    let entries = 0;
    for (const head of chains) {
      const found = await verifyChain(tx, head);
      faults.push(...found.faults);
      entries += found.entries;
    }
    for (const kept of expected) {
      const [entry] = await listAudit(tx, kept.protocol, { after: kept.sequence - 1, limit: 1 });
      if (kept.sequence > 0 && (entry?.sequence !== kept.sequence || entry.hash !== kept.hash)) {
        const { protocol, sequence } = kept;
        faults.push({
          protocol,
          sequence,
          what: 'rewritten',
          message: 'does not have the hash that was kept',
        });
      }
    }
    return { chains, entries, faults };
  });
}

async function verifyChain(tx: Orm, head: AuditHead) {
  const { protocol } = head;
  const faults: AuditFault[] = [];
  const fault = (sequence: number, what: AuditFault['what'], message: string) =>
    faults.push({ protocol, sequence, what, message });
  let last = { sequence: 0, hash: AUDIT_GENESIS };
  let entries = 0;
  for (;;) {
    const page: readonly AuditEntry[] = await listAudit(tx, protocol, { after: last.sequence, limit: PAGE });
    for (const entry of page) {
      entries += 1;
      const { sequence } = entry;
      if (sequence !== last.sequence + 1) fault(last.sequence + 1, 'missing', `no entry before ${sequence}`);
      else if (entry.previousHash !== last.hash)
        fault(sequence, 'not-linked', 'is not the one that followed');
      if (auditHash(entry) !== entry.hash) fault(sequence, 'changed', 'its content does not have its hash');
      last = { sequence, hash: entry.hash };
    }
    if (page.length < PAGE) break;
  }
  if (head.sequence < 0) fault(last.sequence, 'head-missing', 'the head of the chain is gone');
  else if (head.sequence !== last.sequence || head.hash !== last.hash) {
    fault(
      head.sequence,
      'head-differs',
      `the head is entry ${head.sequence}, the chain ends at ${last.sequence}`,
    );
  }
  return { entries, faults };
}
