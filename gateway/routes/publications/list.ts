import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import type { PublicationsPort } from '../../publishing/port.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';
import { publicationDto, publicationListSchema } from '../../schemas/publication.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/publications',
  operationId: 'listPublications',
  tags: ['chains'],
  summary: 'What went on chain and where it has arrived, newest first',
  description:
    'Parameters that forecasts or approvers changed, with their transaction and the state on each chain.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: publicationListSchema } } },
    ...problems(503),
  },
});

const place = z.tuple([z.int().nonnegative().max(8_640_000_000_000_000), z.string().max(66)]);

export function listPublications(app: GatewayApp, publications: PublicationsPort): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query);
    const from = readCursor(query.cursor, 'publications', place);
    const before = from === null ? null : { createdAtMs: from[0], id: from[1] };
    const found = await publications.list(c.get('protocol'), { before, limit: limit + 1 });
    const { page, nextCursor } = pageOf(found, limit, ({ createdAt, id }) =>
      writeCursor('publications', [createdAt, id]),
    );
    return c.json({ publications: page.map(publicationDto), nextCursor }, 200);
  });
}
