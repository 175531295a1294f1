import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { problems } from '../../schemas/problem.ts';
import { proposalDto, proposalParams, proposalSchema } from '../../schemas/proposal.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/proposals/{id}',
  middleware: noQuery,
  operationId: 'getProposal',
  tags: ['governance'],
  summary: 'A proposal with its impact, its approvals and what signers sign',
  request: { params: proposalParams },
  responses: {
    200: { description: 'The proposal.', content: { 'application/json': { schema: proposalSchema } } },
    ...problems(404, 503),
  },
});

export function getProposal(app: GatewayApp, governance: GovernancePort): void {
  app.openapi(route, async (c) => {
    const view = await governance.proposal(c.get('protocol'), c.req.valid('param').id);
    return c.json(proposalDto(view), 200);
  });
}
