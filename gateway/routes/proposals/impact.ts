import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { identifier } from '../../schemas/common.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';
import { accountImpactDto, impactListSchema, proposalParams } from '../../schemas/proposal.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/proposals/{id}/impact',
  operationId: 'getProposalImpact',
  tags: ['governance'],
  summary: 'What a proposal does to each account, ascending by account id; empty while it is computed',
  request: { params: proposalParams, query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: impactListSchema } } },
    ...problems(404, 503),
  },
});

const place = z.tuple([identifier]);

export function getProposalImpact(app: GatewayApp, governance: GovernancePort): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const query = c.req.valid('query');
    const limit = limitOf(query);
    const after = readCursor(query.cursor, 'impact', place)?.[0] ?? '';
    const found = await governance.impact(c.get('protocol'), id, { after, limit: limit + 1 });
    const { page, nextCursor } = pageOf(found, limit, ({ account }) => writeCursor('impact', [account]));
    return c.json({ accounts: page.map(accountImpactDto), nextCursor }, 200);
  });
}
