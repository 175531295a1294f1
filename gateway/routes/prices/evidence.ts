import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { NoStoredPriceError } from '../../app/errors.ts';
import { evidenceDto, evidenceSchema } from '../../schemas/evidence.ts';
import { momentInput, pastMoment } from '../../schemas/moment.ts';
import { problems } from '../../schemas/problem.ts';
import { priceParams } from './get.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/prices/{id}/evidence',
  operationId: 'getPriceEvidence',
  tags: ['prices'],
  summary: 'What every source said, how it was weighed, and why',
  description:
    'Now, or as it was answered at a past moment: the newest stored price at or before `at`. That one is judged by its own ' +
    'time, so its `stale` says whether it could be used then.',
  request: { params: priceParams, query: z.strictObject({ at: momentInput.optional() }) },
  responses: {
    200: { description: 'The evidence.', content: { 'application/json': { schema: evidenceSchema } } },
    ...problems(404, 409, 503),
  },
});

export function getEvidence(app: GatewayApp, { ports }: RouteContext): void {
  const { prices, clock } = ports;
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { at } = c.req.valid('query');
    if (at === undefined) return c.json(evidenceDto(prices.get(id), clock.nowMs(), prices.validForMs), 200);
    const atMs = pastMoment(at, clock.nowMs());
    const stored = (await prices.at?.(id, atMs)) ?? null;
    if (stored === null) throw new NoStoredPriceError(id, atMs);
    return c.json(evidenceDto(stored, stored.asOfMs, prices.validForMs), 200);
  });
}
