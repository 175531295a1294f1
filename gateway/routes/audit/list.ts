import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import type { AuditPort } from '../../app/tenancy-ports.ts';
import { auditDto, auditListSchema } from '../../schemas/audit.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  tags: ['governance'],
  summary: "The protocol's audit log, oldest first",
  description:
    'Append-only. Each entry carries the hash of the one before it, so a reader who keeps the last hash finds out ' +
    'whether anything before it was changed.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: auditListSchema } } },
    ...problems(503),
  },
});

const place = z.tuple([z.int().nonnegative()]);

export function listAudit(app: GatewayApp, audit: AuditPort): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query);
    const after = readCursor(query.cursor, 'audit', place)?.[0] ?? 0;
    const found = await audit.list(c.get('protocol'), { after, limit: limit + 1 });
    const { page, nextCursor } = pageOf(found, limit, (last) => writeCursor('audit', [last.sequence]));
    return c.json({ entries: page.map(auditDto), nextCursor }, 200);
  });
}
