import { createRoute } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { ConsentsPort } from '../../consents/port.ts';
import { consentDto, consentParams, consentSchema, revokeConsentBody } from '../../schemas/consent.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/consents/{id}/revocation',
    operationId: 'revokeConsent',
    tags: ['consents'],
    summary: 'Ends a consent for both protocols by the signature of its owner',
    request: {
      params: consentParams,
      body: { required: true, content: { 'application/json': { schema: revokeConsentBody } } },
    },
    responses: {
      200: { description: 'Ended.', content: { 'application/json': { schema: consentSchema } } },
      ...problems(404, 409, 503, ...BODY_PROBLEMS),
    },
  });
}

export function revokeConsent(
  app: GatewayApp,
  consents: ConsentsPort,
  { clock, maxBodyBytes }: { readonly clock: Clock; readonly maxBodyBytes: number },
): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const { signature } = c.req.valid('json');
    const { id } = c.req.valid('param');
    const ended = await consents.revoke(c.get('protocol'), id, signature, c.get('actor'));
    return c.json(consentDto(ended, consents.domain, clock.nowMs()), 200);
  });
}
