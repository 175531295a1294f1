import { createRoute } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { ConsentsPort } from '../../consents/port.ts';
import { consentDto, consentParams, consentSchema } from '../../schemas/consent.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/consents/{id}',
  middleware: noQuery,
  operationId: 'getConsent',
  tags: ['consents'],
  summary: 'A consent that the protocol filed, with what the owner signs to end it',
  request: { params: consentParams },
  responses: {
    200: { description: 'The consent.', content: { 'application/json': { schema: consentSchema } } },
    ...problems(404, 503),
  },
});

export function getConsent(
  app: GatewayApp,
  consents: ConsentsPort,
  { clock }: { readonly clock: Clock },
): void {
  app.openapi(route, async (c) => {
    const filed = await consents.get(c.get('protocol'), c.req.valid('param').id);
    return c.json(consentDto(filed, consents.domain, clock.nowMs()), 200);
  });
}
