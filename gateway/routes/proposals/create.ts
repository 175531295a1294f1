import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { proposalAsk, proposalDto, proposalSchema, proposeBody } from '../../schemas/proposal.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/proposals',
    operationId: 'propose',
    tags: ['governance'],
    summary: 'Proposes other parameters or another module version',
    description:
      'Checked against the schema of the module and the bounds of the policy. What it does to every account is then ' +
      'computed by a job; only after that can it be approved. Where it changes what RiskHub publishes, `onChain` has ' +
      'the decisions that its signers sign too, and its execution takes them to every chain.',
    request: { body: { required: true, content: { 'application/json': { schema: proposeBody } } } },
    responses: {
      201: { description: 'Proposed.', content: { 'application/json': { schema: proposalSchema } } },
      ...problems(404, 409, 503, ...BODY_PROBLEMS),
    },
  });
}

export function createProposal(app: GatewayApp, governance: GovernancePort, maxBodyBytes: number): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const ask = proposalAsk(c.req.valid('json'));
    const view = await governance.propose(c.get('protocol'), ask, c.get('actor'));
    return c.json(proposalDto(view), 201);
  });
}
