import { timingSafeEqual } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { MetricsClosedError, UnauthorizedError } from '../../app/http-errors.ts';
import { bearerToken } from '../../app/middleware/authenticate.ts';
import { hashKey } from '../../auth/keys.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  tags: ['operations'],
  summary: 'Prometheus metrics',
  responses: {
    200: { description: 'Text exposition format.', content: { 'text/plain': { schema: z.string() } } },
    ...problems(),
  },
});

/**
 * Counts show how busy each protocol is, so no protocol's key opens them: with API keys configured the
 * metrics have a key of their own, or none can read them.
 */
export function getMetrics(app: GatewayApp, { metrics }: RouteContext, access: MetricsAccess): void {
  app.openapi(route, async (c) => {
    if (access.keyHash !== null) {
      const presented = Buffer.from(hashKey(bearerToken(c.req.header('Authorization'))), 'hex');
      if (!timingSafeEqual(presented, Buffer.from(access.keyHash, 'hex'))) {
        throw new UnauthorizedError('this key does not open the metrics');
      }
    } else if (access.closedWithoutKey()) throw new MetricsClosedError();
    return c.text(await metrics.registry.metrics(), 200, { 'Content-Type': metrics.registry.contentType });
  });
}

export interface MetricsAccess {
  readonly keyHash: string | null;
  readonly closedWithoutKey: () => boolean;
}
