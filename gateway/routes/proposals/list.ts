import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';
import { proposalDto, proposalListSchema } from '../../schemas/proposal.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/proposals',
  operationId: 'listProposals',
  tags: ['governance'],
  summary: 'Proposals of the protocol, newest first',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: proposalListSchema } } },
    ...problems(503),
  },
});

const place = z.tuple([z.int().nonnegative().max(8_640_000_000_000_000), z.string().max(66)]);

export function listProposals(app: GatewayApp, governance: GovernancePort): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query);
    const from = readCursor(query.cursor, 'proposals', place);
    const before = from === null ? null : { createdAtMs: from[0], id: from[1] };
    const found = await governance.proposals(c.get('protocol'), { before, limit: limit + 1 });
    const { page, nextCursor } = pageOf(found, limit, ({ proposal }) =>
      writeCursor('proposals', [proposal.createdAtMs, proposal.id]),
    );
    return c.json({ proposals: page.map(proposalDto), nextCursor }, 200);
  });
}
