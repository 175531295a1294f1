import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { proposalDto, proposalParams, proposalSchema, vetoBody } from '../../schemas/proposal.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/proposals/{id}/veto',
    operationId: 'vetoProposal',
    tags: ['governance'],
    summary: 'Ends a proposal, at any time before it is executed',
    request: {
      params: proposalParams,
      body: { required: true, content: { 'application/json': { schema: vetoBody } } },
    },
    responses: {
      200: { description: 'Vetoed.', content: { 'application/json': { schema: proposalSchema } } },
      ...problems(404, 409, 503, ...BODY_PROBLEMS),
    },
  });
}

export function vetoProposal(app: GatewayApp, governance: GovernancePort, maxBodyBytes: number): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    const view = await governance.veto(c.get('protocol'), id, reason, c.get('actor'));
    return c.json(proposalDto(view), 200);
  });
}
