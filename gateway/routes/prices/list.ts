import { createRoute, z } from '@hono/zod-openapi';
import type { UnixMs } from '../../../risk/units/time.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError, NoStoredPriceError, UnknownFeedError } from '../../app/errors.ts';
import type { PricesPort } from '../../app/ports.ts';
import { feedIdInput, namesInput } from '../../schemas/common.ts';
import { momentInput, pastMoment } from '../../schemas/moment.ts';
import { ofPast } from '../../schemas/past.ts';
import { priceDto, priceListSchema } from '../../schemas/price.ts';
import { problems } from '../../schemas/problem.ts';

const MAX_IDS = 200;

const route = createRoute({
  method: 'get',
  path: '/v1/prices',
  operationId: 'listPrices',
  tags: ['prices'],
  summary: 'Robust prices with their verdicts',
  description:
    'With `at`, each as it was stored at or before that moment; such an answer is always `stale`, and its other reasons are ' +
    'those of then.',
  request: {
    query: z.strictObject({
      at: momentInput.optional(),
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
    ...problems(404, 409, 503),
  },
});

export function listPrices(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { ids, at } = c.req.valid('query');
    const known = new Set(ports.prices.ids());
    const wanted = ids === undefined ? [...known] : parseIds(ids);
    const unknown = wanted.filter((id) => !known.has(id));
    if (unknown.length > 0) throw new UnknownFeedError(unknown, 'ids');
    const nowMs = ports.clock.nowMs();
    if (at !== undefined) {
      const prices = await pastPrices(ports.prices, wanted, pastMoment(at, nowMs));
      return c.json({ prices }, 200);
    }
    const prices = wanted.map((id) => priceDto(ports.prices.get(id), nowMs, ports.prices.validForMs));
    return c.json({ prices }, 200);
  });
}

/** Each as it was stored at or before the moment. @throws NoStoredPriceError */
async function pastPrices(port: PricesPort, ids: readonly string[], atMs: UnixMs) {
  const found = [];
  for (const id of ids) {
    const price = (await port.at?.(id, atMs)) ?? null;
    if (price === null) throw new NoStoredPriceError(id, atMs);
    found.push(ofPast(priceDto(price, atMs, port.validForMs), atMs));
  }
  return found;
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
