import { createRoute, z } from '@hono/zod-openapi';
import { ForecastUnavailableError } from '../../../risk/predicted/predict.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { assetInput, HORIZON_NAMES, type HorizonName, horizonHours } from '../../schemas/common.ts';
import { forecastDto, forecastSchema } from '../../schemas/forecast.ts';
import { momentInput, pastMoment } from '../../schemas/moment.ts';
import { ofPast } from '../../schemas/past.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/forecasts/{asset}',
  operationId: 'getForecast',
  tags: ['forecasts'],
  summary: 'Distribution of realised variance ahead, and the probability of a high-volatility regime',
  request: {
    params: z.strictObject({ asset: assetInput.openapi({ param: { name: 'asset', in: 'path' } }) }),
    query: z.strictObject({
      at: momentInput.optional(),
      horizon: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .openapi({
          description: `Of ${HORIZON_NAMES.join(', ')}, comma-separated; all when left out.`,
          example: '1h,4h,24h',
        }),
    }),
  },
  responses: {
    200: { description: 'The forecasts.', content: { 'application/json': { schema: forecastSchema } } },
    ...problems(404, 409, 503),
  },
});

export function getForecast(app: GatewayApp, { ports }: RouteContext): void {
  const { forecasts, clock } = ports;
  app.openapi(route, async (c) => {
    const { asset } = c.req.valid('param');
    const { at, horizon } = c.req.valid('query');
    const hours = parseHorizons(horizon);
    const nowMs = clock.nowMs();
    const atMs = at === undefined ? null : pastMoment(at, nowMs);
    const all = atMs === null ? forecasts.get(asset) : ((await forecasts.at?.(asset, atMs)) ?? []);
    const [first, ...rest] = all.filter((f) => hours.has(f.horizonHours));
    if (first === undefined) throw new ForecastUnavailableError([asset]);
    const answer = forecastDto(asset, [first, ...rest], atMs ?? nowMs, forecasts.validForMs);
    return c.json(atMs === null ? answer : ofPast(answer, atMs), 200);
  });
}

/** @throws InvalidRequestError */
function parseHorizons(text: string | undefined): Set<number> {
  const names = text === undefined ? [...HORIZON_NAMES] : text.split(',').map((name) => name.trim());
  const isHorizon = (name: string): name is HorizonName =>
    (HORIZON_NAMES as readonly string[]).includes(name);
  if (!names.every(isHorizon)) {
    throw new InvalidRequestError([
      { field: 'horizon', message: `must be of ${HORIZON_NAMES.join(', ')}, comma-separated` },
    ]);
  }
  return new Set(names.map(horizonHours));
}
