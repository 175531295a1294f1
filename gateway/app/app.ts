import { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { configuredKeyRing } from '../auth/key-ring.ts';
import { serveDashboard } from '../dashboard/serve-dashboard.ts';
import { listAccounts } from '../routes/accounts/list.ts';
import { adminQueues } from '../routes/admin/queues.ts';
import { attestMargin } from '../routes/attestations/margin.ts';
import { attestParameter } from '../routes/attestations/parameter.ts';
import { attestPrice } from '../routes/attestations/price.ts';
import { attestWithdrawal } from '../routes/attestations/withdrawal.ts';
import { getCapacity } from '../routes/capacity/get.ts';
import { getForecast } from '../routes/forecasts/get.ts';
import { listForecasts } from '../routes/forecasts/list.ts';
import { getLiquidationPlan } from '../routes/liquidation/plan.ts';
import { getLiquidationPrice } from '../routes/liquidation/price.ts';
import { getMarginDifference } from '../routes/margin/difference.ts';
import { getMargin, marginRead } from '../routes/margin/get.ts';
import { getPredictedMargin } from '../routes/margin/predicted.ts';
import { simulateMargin, simulatePost } from '../routes/margin/simulate.ts';
import { simulateAccountMargin } from '../routes/margin/what-if.ts';
import { getMarketData } from '../routes/markets/data-get.ts';
import { putMarketData } from '../routes/markets/data-put.ts';
import { listMarkets } from '../routes/markets/list.ts';
import { getModule } from '../routes/modules/get.ts';
import { listModules } from '../routes/modules/list.ts';
import { getHealth } from '../routes/operations/health.ts';
import { getMetrics } from '../routes/operations/metrics.ts';
import { getReadiness } from '../routes/operations/ready.ts';
import { putPositionsBatch } from '../routes/positions/batch.ts';
import { deletePositions } from '../routes/positions/delete.ts';
import { getPositions } from '../routes/positions/get.ts';
import { putPositions } from '../routes/positions/put.ts';
import { getEvidence } from '../routes/prices/evidence.ts';
import { getPrice, priceRead } from '../routes/prices/get.ts';
import { getPriceHistory } from '../routes/prices/history.ts';
import { listPrices } from '../routes/prices/list.ts';
import { openStream } from '../routes/stream/get.ts';
import { getStress } from '../routes/stress/get.ts';
import type { AppOptions, GatewayApp, GatewayEnv, RouteContext } from './context.ts';
import { answerPostsDirectly } from './direct/direct-posts.ts';
import { answerDirectly } from './direct/direct-reads.ts';
import { PreparedMargins } from './direct/prepared-margins.ts';
import { serveDocs } from './docs.ts';
import { errorHandler, problemResponse } from './error-handler.ts';
import { serveErrorPages } from './error-pages.ts';
import { MethodNotAllowedError, RouteNotFoundError } from './http-errors.ts';
import { createMetrics } from './metrics.ts';
import { authenticate } from './middleware/authenticate.ts';
import { notStored, revalidated } from './middleware/caching.ts';
import { localHostOnly } from './middleware/local-host.ts';
import { observe } from './middleware/observe.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { asCause, withRequestId } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { serveOpenApi } from './openapi.ts';
import { problemOf } from './problem.ts';
import { tenancyRoutes } from './tenancy-routes.ts';
import { refuseInvalid } from './validation.ts';

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/** The HTTP application over the given ports. It holds no state but its metrics and opens nothing. */
export function createApp(options: AppOptions): GatewayApp {
  const { ports, logger } = options;
  const ring = options.keyRing ?? configuredKeyRing(options.apiKeys);
  const metrics = createMetrics(ports);
  const context: RouteContext = {
    ports,
    metrics,
    shutdown: options.shutdown ?? null,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    preparedMargins:
      ports.changes === undefined
        ? null
        : new PreparedMargins({
            changes: ports.changes,
            nowMs: () => ports.clock.nowMs(),
            wallMs: () => performance.now(),
          }),
  };
  const app: GatewayApp = new OpenAPIHono<GatewayEnv>({ defaultHook: refuseInvalid });

  app.onError(errorHandler(logger));
  app.notFound((c) => {
    const path = c.req.path;
    return problemResponse(
      c,
      problemOf(new RouteNotFoundError(path), path.slice(0, 512), c.get('requestId')),
    );
  });
  app.use(withRequestId);
  app.use(asCause);
  app.use(observe(metrics, logger));
  app.use(securityHeaders);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const error = new MethodNotAllowedError(c.req.method, methods);
        return problemResponse(
          c,
          problemOf(error, c.req.path.slice(0, 512), c.get('requestId')),
          error.headers,
        );
      },
    }),
  );
  app.use(localHostOnly(ring));
  app.use('/v1/*', authenticate(ring));
  if (options.rateLimiter) app.use('/v1/*', rateLimit(options.rateLimiter));
  app.use('/v1/*', notStored);
  app.use('/v1/modules/*', revalidated);

  listPrices(app, context);
  getPrice(app, context);
  getEvidence(app, context);
  getPriceHistory(app, context);
  listForecasts(app, context);
  getForecast(app, context);
  listMarkets(app, context);
  putMarketData(app, context);
  getMarketData(app, context);
  listAccounts(app, context);
  putPositions(app, context);
  putPositionsBatch(app, context);
  deletePositions(app, context);
  getPositions(app, context);
  getMargin(app, context);
  getPredictedMargin(app, context);
  getMarginDifference(app, context);
  simulateMargin(app, context);
  simulateAccountMargin(app, context);
  getCapacity(app, context);
  getLiquidationPrice(app, context);
  getLiquidationPlan(app, context);
  getStress(app, context);
  attestMargin(app, context);
  attestPrice(app, context);
  attestWithdrawal(app, context);
  listModules(app, context);
  getModule(app, context);
  if (ports.tenancy) {
    tenancyRoutes(app, ports.tenancy, { clock: ports.clock, maxBodyBytes: context.maxBodyBytes });
    attestParameter(app, context, ports.tenancy.governance);
  }
  if (ports.events) openStream(app, context, ports.events);
  getHealth(app, context);
  getReadiness(app, context);
  getMetrics(app, context, {
    keyHash: options.metricsKeyHash ?? null,
    closedWithoutKey: () => ring.required(),
  });
  if (ports.operations) {
    adminQueues(app, ports.operations, {
      keyHash: options.adminKeyHash ?? null,
      closedWithoutKey: () => ring.required(),
    });
  }
  serveOpenApi(app, { authenticated: () => ring.required() });
  serveDocs(app);
  serveDashboard(app);
  serveErrorPages(app);
  const shortWay = { ring, rateLimiter: options.rateLimiter ?? null, metrics, logger };
  answerPostsDirectly(app, { ...shortWay, posts: [simulatePost(context)] });
  answerDirectly(app, { ...shortWay, reads: [priceRead(ports), ...marginRead(context)] });
  return app;
}
