import { createRoute } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { ConsentsPort } from '../../consents/port.ts';
import { consentAsk, consentDto, consentSchema, fileConsentBody } from '../../schemas/consent.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/consents',
    operationId: 'fileConsent',
    tags: ['consents'],
    summary: "Files an account owner's consent to netting with another protocol's account",
    description:
      "With it the caller states that its account is the owner's, and accepts. It is in force when the other protocol has filed the " +
      'same document. The answer does not depend on what the other protocol has, only on what it has filed.',
    request: { body: { required: true, content: { 'application/json': { schema: fileConsentBody } } } },
    responses: {
      201: { description: 'Filed.', content: { 'application/json': { schema: consentSchema } } },
      ...problems(404, 409, ...BODY_PROBLEMS),
    },
  });
}

export function fileConsent(
  app: GatewayApp,
  consents: ConsentsPort,
  { clock, maxBodyBytes }: { readonly clock: Clock; readonly maxBodyBytes: number },
): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const filed = await consents.file(c.get('protocol'), consentAsk(c.req.valid('json')), c.get('actor'));
    return c.json(consentDto(filed, consents.domain, clock.nowMs()), 201);
  });
}
