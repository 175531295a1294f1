import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import type { AuditPort } from '../../app/tenancy-ports.ts';
import { allRows, cellsOf, csvContent, csvResponse, formatQuery, wantsCsv } from '../../csv/respond.ts';
import { AUDIT_COLUMNS, auditCells, auditDto, auditListSchema, chainDto } from '../../schemas/audit.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  tags: ['governance'],
  summary: "The protocol's audit log, oldest first, page by page or as CSV",
  description:
    'Append-only. Each entry carries the hash of the one before it, so a reader who keeps the last hash finds out ' +
    'whether anything before it was changed. With `order=newest` the last entries come first, each recomputed: `chain` ' +
    'says whether they hold together.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      ...formatQuery,
      order: z.enum(['oldest', 'newest']).optional().openapi({
        description: 'Default: oldest. CSV is always so.',
      }),
    }),
  },
  responses: {
    200: {
      description: 'One page; as CSV all of it.',
      content: { 'application/json': { schema: auditListSchema }, ...csvContent },
    },
    ...problems(503),
  },
});

const place = z.tuple([z.int().nonnegative()]);

export function listAudit(app: GatewayApp, audit: AuditPort): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const protocol = c.get('protocol');
    const isCsv = wantsCsv(c.req.header('Accept'), query.format);
    if (query.order === 'newest' && !isCsv) {
      const limit = limitOf(query);
      const before = readCursor(query.cursor, 'audit-newest', place)?.[0] ?? null;
      const tail = await audit.tail(protocol, { before, limit: limit + 1 });
      const { page, nextCursor } = pageOf(tail.entries, limit, (last) =>
        writeCursor('audit-newest', [last.sequence]),
      );
      return c.json({ entries: page.map(auditDto), nextCursor, chain: chainDto(tail) }, 200);
    }
    const from = readCursor(query.cursor, 'audit', place);
    const first = from === null ? null : { sequence: from[0] };
    const read = (after: { readonly sequence: number } | null, limit: number) =>
      audit.list(protocol, { after: after?.sequence ?? 0, limit });
    if (isCsv) {
      const limit = query.limit === undefined ? null : limitOf(query);
      const rows = cellsOf(allRows(read, first, limit), auditCells);
      return csvResponse(c, { name: 'audit', columns: AUDIT_COLUMNS, rows });
    }
    const limit = limitOf(query);
    const { page, nextCursor } = pageOf(await read(first, limit + 1), limit, (last) =>
      writeCursor('audit', [last.sequence]),
    );
    return c.json({ entries: page.map(auditDto), nextCursor, chain: null }, 200);
  });
}
