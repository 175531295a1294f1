import { createRoute } from '@hono/zod-openapi';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { iso } from '../../schemas/common.ts';
import { forecastDto } from '../../schemas/forecast.ts';
import { forecastListQuery, forecastListSchema, issuedDtos } from '../../schemas/forecast-list.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/forecasts',
  operationId: 'listForecasts',
  tags: ['forecasts'],
  summary: 'The newest forecasts of all assets, and what was issued before',
  request: { query: forecastListQuery },
  responses: {
    200: { description: 'The forecasts.', content: { 'application/json': { schema: forecastListSchema } } },
    ...problems(503),
  },
});

export function listForecasts(app: GatewayApp, { ports }: RouteContext): void {
  const { forecasts, clock } = ports;
  app.openapi(route, async (c) => {
    const { issuedHours } = c.req.valid('query');
    const nowMs = clock.nowMs();
    const newest = [...forecasts.assets()].sort().flatMap((asset) => {
      const [first, ...rest] = forecasts.get(asset);
      return first === undefined ? [] : [forecastDto(asset, [first, ...rest], nowMs, forecasts.validForMs)];
    });
    const span =
      issuedHours === undefined ? null : { fromMs: nowMs - Number(issuedHours) * MS_PER_HOUR, toMs: nowMs };
    const issued = span === null ? null : ((await forecasts.issued?.(span)) ?? null);
    return c.json(
      { asOf: iso(nowMs), forecasts: newest, issued: issued === null ? null : issuedDtos(issued) },
      200,
    );
  });
}
