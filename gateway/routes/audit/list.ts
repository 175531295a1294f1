import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import type { AuditPort } from '../../app/tenancy-ports.ts';
import { allRows, cellsOf, csvContent, csvResponse, formatQuery, wantsCsv } from '../../csv/respond.ts';
import { AUDIT_COLUMNS, auditCells, auditDto, auditListSchema } from '../../schemas/audit.ts';
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
    'whether anything before it was changed.',
  request: { query: z.strictObject({ ...pageQuery, ...formatQuery }) },
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
    const from = readCursor(query.cursor, 'audit', place);
    const first = from === null ? null : { sequence: from[0] };
    const read = (after: { readonly sequence: number } | null, limit: number) =>
      audit.list(protocol, { after: after?.sequence ?? 0, limit });
    if (wantsCsv(c.req.header('Accept'), query.format)) {
      const limit = query.limit === undefined ? null : limitOf(query);
      const rows = cellsOf(allRows(read, first, limit), auditCells);
      return csvResponse(c, { name: 'audit', columns: AUDIT_COLUMNS, rows });
    }
    const limit = limitOf(query);
    const { page, nextCursor } = pageOf(await read(first, limit + 1), limit, (last) =>
      writeCursor('audit', [last.sequence]),
    );
    return c.json({ entries: page.map(auditDto), nextCursor }, 200);
  });
}
