import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { MissingScopeError } from '../../app/http-errors.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { KeysPort } from '../../app/tenancy-ports.ts';
import { createKeyBody, issuedKeySchema, keyDto } from '../../schemas/key.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/keys',
    operationId: 'createKey',
    tags: ['tenants'],
    summary: 'A new API key of the protocol',
    description:
      'The secret is in this answer only. A key cannot have a scope that the caller does not have.',
    request: { body: { required: true, content: { 'application/json': { schema: createKeyBody } } } },
    responses: {
      201: { description: 'Issued.', content: { 'application/json': { schema: issuedKeySchema } } },
      ...problems(503, ...BODY_PROBLEMS),
    },
  });
}

export function createKey(app: GatewayApp, keys: KeysPort, maxBodyBytes: number): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const { name, scopes, expiresInSeconds } = c.req.valid('json');
    const missing = scopes.find((scope) => !c.get('scopes').has(scope));
    if (missing !== undefined) throw new MissingScopeError(missing);
    const expiresAtMs = expiresInSeconds === null ? null : Date.now() + expiresInSeconds * 1000;
    const ask = { protocol: c.get('protocol'), name, scopes, expiresAtMs };
    const { key, secret } = await keys.create(ask, c.get('actor'));
    return c.json({ key: keyDto(key, Date.now()), secret }, 201);
  });
}
