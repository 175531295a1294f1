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

type Link = Pick<AuditHead, 'sequence' | 'hash'>;

/** What is wrong with an entry that is to follow `last`. */
function entryFaults(entry: AuditEntry, last: Link): AuditFault[] {
  const { protocol, sequence } = entry;
  const found: AuditFault[] = [];
  if (sequence !== last.sequence + 1) {
    const message = `no entry before ${sequence}`;
    found.push({ protocol, sequence: last.sequence + 1, what: 'missing', message });
  } else if (entry.previousHash !== last.hash) {
    found.push({ protocol, sequence, what: 'not-linked', message: 'is not the one that followed' });
  }
  if (auditHash(entry) !== entry.hash) {
    found.push({ protocol, sequence, what: 'changed', message: 'its content does not have its hash' });
  }
  return found;
}

/**
 * What is wrong with a few entries that stand together, oldest first: each is recomputed and must follow the one before
 * it. `head`: where the chain ends, when the last of them is to be its end. What comes before the first is taken from it.
 */
export function sectionFaults(
  protocol: string,
  entries: readonly AuditEntry[],
  head: AuditHead | null,
): readonly AuditFault[] {
  const first = entries[0];
  const start = first === undefined || first.sequence === 1 ? { sequence: 0, hash: AUDIT_GENESIS } : null;
  let last: Link = start ?? { sequence: first!.sequence - 1, hash: first!.previousHash };
  const faults: AuditFault[] = [];
  for (const entry of entries) {
    faults.push(...entryFaults(entry, last));
    last = { sequence: entry.sequence, hash: entry.hash };
  }
  if (head !== null && (head.sequence !== last.sequence || head.hash !== last.hash)) {
    const message = `the log ends with entry ${head.sequence}, and not so`;
    faults.push({ protocol, sequence: last.sequence, what: 'head-differs', message });
  }
  return faults;
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
      faults.push(...entryFaults(entry, last));
      last = { sequence: entry.sequence, hash: entry.hash };
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
