import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError, UnknownFeedError } from '../../app/errors.ts';
import { feedIdInput, namesInput } from '../../schemas/common.ts';
import { priceDto, priceListSchema } from '../../schemas/price.ts';
import { problems } from '../../schemas/problem.ts';

const MAX_IDS = 200;

const route = createRoute({
  method: 'get',
  path: '/v1/prices',
  operationId: 'listPrices',
  tags: ['prices'],
  summary: 'Robust prices with their verdicts',
  request: {
    query: z.strictObject({
      ids: namesInput.optional().openapi({
        description: 'Feed ids, comma-separated; all feeds when left out.',
        example: 'BTC-USD,ETH-USD',
      }),
    }),
  },
  responses: {
    200: {
      description: 'The prices in the order asked.',
      content: { 'application/json': { schema: priceListSchema } },
    },
    ...problems(404),
  },
});

export function listPrices(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => {
    const { ids } = c.req.valid('query');
    const known = new Set(ports.prices.ids());
    const wanted = ids === undefined ? [...known] : parseIds(ids);
    const unknown = wanted.filter((id) => !known.has(id));
    if (unknown.length > 0) throw new UnknownFeedError(unknown, 'ids');
    const nowMs = ports.clock.nowMs();
    const prices = wanted.map((id) => priceDto(ports.prices.get(id), nowMs, ports.prices.validForMs));
    return c.json({ prices }, 200);
  });
}

/** @throws InvalidRequestError naming the ids that no feed can have. */
function parseIds(text: string): string[] {
  const ids = [...new Set(text.split(',').map((id) => id.trim()))];
  if (ids.length > MAX_IDS) {
    throw new InvalidRequestError([{ field: 'ids', message: `must name at most ${MAX_IDS} feeds` }]);
  }
  const issues = ids
    .filter((id) => !feedIdInput.safeParse(id).success)
    .map((id) => ({ field: 'ids', message: `'${id.slice(0, 40)}' must look like BTC-USD` }));
  if (issues.length > 0) throw new InvalidRequestError(issues);
  return ids;
}
