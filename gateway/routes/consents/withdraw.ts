import { createRoute } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { ConsentsPort } from '../../consents/port.ts';
import { consentDto, consentParams, consentSchema } from '../../schemas/consent.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/consents/{id}',
  middleware: noQuery,
  operationId: 'withdrawConsent',
  tags: ['consents'],
  summary: 'Ends a consent for both protocols, at once and for good',
  description: 'Both accounts are margined alone from now on: their requirements rise by what was netted.',
  request: { params: consentParams },
  responses: {
    200: { description: 'Ended.', content: { 'application/json': { schema: consentSchema } } },
    ...problems(404, 503),
  },
});

export function withdrawConsent(
  app: GatewayApp,
  consents: ConsentsPort,
  { clock }: { readonly clock: Clock },
): void {
  app.openapi(route, async (c) => {
    const ended = await consents.withdraw(c.get('protocol'), c.req.valid('param').id, c.get('actor'));
    return c.json(consentDto(ended, consents.domain, clock.nowMs()), 200);
  });
}
