import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { approvalBody, proposalDto, proposalParams, proposalSchema } from '../../schemas/proposal.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/proposals/{id}/approvals',
    operationId: 'approveProposal',
    tags: ['governance'],
    summary: "Adds a signer's approval; the one that reaches the threshold starts the time lock",
    request: {
      params: proposalParams,
      body: { required: true, content: { 'application/json': { schema: approvalBody } } },
    },
    responses: {
      200: { description: 'Counted.', content: { 'application/json': { schema: proposalSchema } } },
      ...problems(404, 409, 503, ...BODY_PROBLEMS),
    },
  });
}

export function approveProposal(app: GatewayApp, governance: GovernancePort, maxBodyBytes: number): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const { id } = c.req.valid('param');
    const given = c.req.valid('json');
    const view = await governance.approve(c.get('protocol'), id, given, c.get('actor'));
    return c.json(proposalDto(view), 200);
  });
}
