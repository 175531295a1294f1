import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { moduleParams } from '../../schemas/module.ts';
import { limitOf } from '../../schemas/page.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { shadowBody, shadowDto, shadowPlace, shadowQuery, shadowSchema } from '../../schemas/shadow.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: jsonBody(maxBodyBytes),
    method: 'post',
    path: '/v1/modules/{id}/{version}/shadow',
    operationId: 'shadowModule',
    tags: ['modules'],
    summary:
      "A module version and parameters on the protocol's live book, beside those in force; nothing is stored",
    description:
      'Who would be called, who liquidated, and how requirements change: in total, and by account, largest change of the ' +
      'initial requirement first. Every account is margined at the same moment (`summary.asOf`). Each page is computed ' +
      'anew, at the prices of its own moment.',
    request: {
      params: moduleParams,
      query: shadowQuery,
      body: { required: true, content: { 'application/json': { schema: shadowBody } } },
    },
    responses: {
      200: {
        description: 'The two side by side.',
        content: { 'application/json': { schema: shadowSchema } },
      },
      ...problems(404, 422, 503, ...BODY_PROBLEMS),
    },
  });
}

export function shadowModule(app: GatewayApp, governance: GovernancePort, maxBodyBytes: number): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query);
    const ask = {
      module: c.req.valid('param'),
      parameters: c.req.valid('json').parameters,
      show: query.show ?? ('all' as const),
      after: shadowPlace(query.cursor),
      limit: limit + 1,
    };
    const view = await governance.shadow(c.get('protocol'), ask, c.req.raw.signal);
    return c.json(shadowDto(view, limit), 200);
  });
}
