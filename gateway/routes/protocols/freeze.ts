import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { freezeBody, freezeDto, freezeResultSchema, marketId } from '../../schemas/governance.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';

const params = z.strictObject({ market: marketId.openapi({ param: { name: 'market', in: 'path' } }) });
const result = { 'application/json': { schema: freezeResultSchema } };

function defineFreeze(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/markets/{market}/freeze',
    operationId: 'freezeMarket',
    tags: ['governance'],
    summary: 'Stops a market for new risk, at once and until it is lifted',
    description:
      'Capacity of the market is 0 with the reason `market-frozen`. Margins and liquidations go on.',
    request: { params, body: { required: true, content: { 'application/json': { schema: freezeBody } } } },
    responses: {
      200: { description: 'Frozen.', content: result },
      ...problems(404, 409, 503, ...BODY_PROBLEMS),
    },
  });
}

const unfreezeRoute = createRoute({
  method: 'delete',
  path: '/v1/markets/{market}/freeze',
  middleware: noQuery,
  operationId: 'unfreezeMarket',
  tags: ['governance'],
  summary: 'Lifts the freeze of a market',
  request: { params },
  responses: { 200: { description: 'Not frozen any more.', content: result }, ...problems(404, 409, 503) },
});

export function freezeMarket(app: GatewayApp, governance: GovernancePort, maxBodyBytes: number): void {
  app.openapi(defineFreeze(maxBodyBytes), async (c) => {
    const { market } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    const freeze = await governance.freeze(c.get('protocol'), market, reason, c.get('actor'));
    return c.json({ market, frozen: freezeDto(freeze) }, 200);
  });
}

export function unfreezeMarket(app: GatewayApp, governance: GovernancePort): void {
  app.openapi(unfreezeRoute, async (c) => {
    const { market } = c.req.valid('param');
    await governance.unfreeze(c.get('protocol'), market, c.get('actor'));
    return c.json({ market, frozen: null }, 200);
  });
}
