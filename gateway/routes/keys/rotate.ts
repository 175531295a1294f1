import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { KeysPort } from '../../app/tenancy-ports.ts';
import { issuedKeySchema, keyDto, keyParams, rotateKeyBody } from '../../schemas/key.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/keys/{id}/rotate',
    operationId: 'rotateKey',
    tags: ['tenants'],
    summary: 'A new key in place of another, which goes on working for the overlap',
    request: {
      params: keyParams,
      body: { required: true, content: { 'application/json': { schema: rotateKeyBody } } },
    },
    responses: {
      201: { description: 'Issued.', content: { 'application/json': { schema: issuedKeySchema } } },
      ...problems(404, 409, 503, ...BODY_PROBLEMS),
    },
  });
}

export function rotateKey(app: GatewayApp, keys: KeysPort, maxBodyBytes: number): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const { id } = c.req.valid('param');
    const { overlapSeconds, expiresInSeconds } = c.req.valid('json');
    const ask = {
      protocol: c.get('protocol'),
      id,
      overlapMs: overlapSeconds * 1000,
      expiresAtMs: expiresInSeconds === null ? null : Date.now() + expiresInSeconds * 1000,
      grantable: c.get('scopes'),
    };
    const { key, secret } = await keys.rotate(ask, c.get('actor'));
    return c.json({ key: keyDto(key, Date.now()), secret }, 201);
  });
}
