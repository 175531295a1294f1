import { z } from '@hono/zod-openapi';
import type { AuditEntry } from '../../db/queries/audit.ts';
import type { AuditTail } from '../../db/queries/audit-tail.ts';
import type { Cell } from '../csv/csv.ts';
import { iso, orNull, timestamp } from './common.ts';
import { nextCursorField } from './page.ts';

export const auditEntrySchema = z
  .object({
    sequence: z.int().openapi({ description: '1, 2, 3, ... without gaps.' }),
    at: timestamp,
    actor: z.string().openapi({ example: 'key:bw_abcdefghij' }),
    action: z.string().openapi({ example: 'key.create' }),
    subject: z.string(),
    details: z.record(z.string(), z.unknown()),
    previousHash: z.string(),
    hash: z.string().openapi({ description: 'SHA-256 over the entry and the hash before it.' }),
  })
  .openapi('AuditEntry');

const chainSchema = z
  .object({
    head: orNull(
      z.object({ sequence: z.int(), hash: z.string() }),
      'Last entry of the log; null while it is empty.',
    ),
    intact: z.boolean().openapi({
      description: 'Each entry of this page has its hash and follows the one before it, up to the head.',
    }),
    faults: z.array(z.object({ sequence: z.int(), what: z.string(), message: z.string() })),
  })
  .openapi('AuditChain');

export const auditListSchema = z
  .object({
    entries: z.array(auditEntrySchema),
    nextCursor: nextCursorField,
    chain: orNull(
      chainSchema,
      'The entries of this page recomputed, with `order=newest`; else null. Of the whole log: `npm run audit -- verify`.',
    ),
  })
  .openapi('AuditList');

export function chainDto({ head, faults }: AuditTail): z.infer<typeof chainSchema> {
  return {
    head: head === null ? null : { sequence: head.sequence, hash: head.hash },
    intact: faults.length === 0,
    faults: faults.map(({ sequence, what, message }) => ({ sequence, what, message })),
  };
}

export function auditDto(entry: AuditEntry): z.infer<typeof auditEntrySchema> {
  const { sequence, atMs, actor, action, subject, details, previousHash, hash } = entry;
  return { sequence, at: iso(atMs), actor, action, subject, details: { ...details }, previousHash, hash };
}

export const AUDIT_COLUMNS = [
  'sequence',
  'at',
  'actor',
  'action',
  'subject',
  'details',
  'previousHash',
  'hash',
];

/** A row of the table with these columns; details are JSON. */
export function auditCells(entry: AuditEntry): readonly Cell[] {
  const { sequence, at, actor, action, subject, details, previousHash, hash } = auditDto(entry);
  return [sequence, at, actor, action, subject, JSON.stringify(details), previousHash, hash];
}
