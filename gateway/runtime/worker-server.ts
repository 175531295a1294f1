import { timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock } from '../../risk/units/time.ts';
import { UnauthorizedError } from '../app/http-errors.ts';
import type { JobRuns } from '../app/job-runs.ts';
import { bearerToken } from '../app/middleware/authenticate.ts';
import { operationsGauges } from '../app/operations-metrics.ts';
import type { OperationsPort } from '../app/operations-port.ts';
import type { HealthPort } from '../app/ports.ts';
import { hashKey } from '../auth/keys.ts';
import { isLoopback } from '../config/loopback.ts';

/**
 * What a worker answers: `/metrics` (backlogs as every gateway tells them, its own runs, its process), `/health` and
 * `/ready`. Without a key only requests that name this machine are answered, so that no page in a browser reads it.
 */
export function workerApp(options: {
  readonly operations: OperationsPort;
  readonly runs: JobRuns;
  readonly health: HealthPort;
  readonly clock: Clock;
  readonly keyHash: string | null;
}): Hono {
  const { operations, runs, health, clock, keyHash } = options;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  operationsGauges(registry, { operations, clock });
  registry.registerMetric(runs.metric);
  const app = new Hono();
  app.use(async (c, next) => {
    if (keyHash === null && !isLoopback(new URL(c.req.url).hostname)) return c.text('wrong host\n', 403);
    await next();
    return undefined;
  });
  app.onError((error, c) =>
    error instanceof UnauthorizedError ? c.text(`${error.message}\n`, 401) : c.text('internal error\n', 500),
  );
  app.get('/metrics', async (c) => {
    if (keyHash !== null) {
      const presented = Buffer.from(hashKey(bearerToken(c.req.header('Authorization'))), 'hex');
      if (!timingSafeEqual(presented, Buffer.from(keyHash, 'hex'))) {
        throw new UnauthorizedError('this key does not open the metrics');
      }
    }
    return c.text(await registry.metrics(), 200, { 'Content-Type': registry.contentType });
  });
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', async (c) => {
    const ready = (await health.ready()).every(({ ok }) => ok);
    return c.json({ ready }, ready ? 200 : 503);
  });
  return app;
}
