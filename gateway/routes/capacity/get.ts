import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { accountParams } from '../../schemas/account.ts';
import { capacityDto, capacitySchema } from '../../schemas/capacity.ts';
import { moduleOf, moduleQuery } from '../../schemas/module-choice.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/capacity',
  operationId: 'getCapacity',
  tags: ['analysis'],
  summary: 'Free collateral, largest order per market and side, largest withdrawals',
  request: {
    params: accountParams,
    query: z.strictObject({
      ...moduleQuery,
      market: z.string().min(1).max(64).optional().openapi({
        example: 'BTC-PERP',
        description: 'Orders of this perp or option only. Default: of every perp.',
      }),
      side: z
        .enum(['buy', 'sell'], { error: "must be 'buy' or 'sell'" })
        .optional()
        .openapi({ description: 'Orders of this side only. Default: both.' }),
    }),
  },
  responses: {
    200: { description: 'The capacity.', content: { 'application/json': { schema: capacitySchema } } },
    ...problems(404, 422, 503),
  },
});

export function getCapacity(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { market, side, ...rest } = c.req.valid('query');
    const kind = market === undefined ? null : (ports.listing.market(market)?.kind ?? 'unlisted');
    if (kind !== null && kind !== 'perp' && kind !== 'option') {
      throw new InvalidRequestError([{ field: 'market', message: 'is not a listed perp or option' }]);
    }
    const perps = [...ports.listing.fixed.values()].flatMap(({ id, kind }) => (kind === 'perp' ? [id] : []));
    const answer = await ports.analysis.capacity(c.get('protocol'), c.req.valid('param').id, {
      markets: market === undefined ? perps : [market],
      module: moduleOf(rest),
      lending: market === undefined,
      sides: side === undefined ? ['buy', 'sell'] : [side],
    });
    return c.json(capacityDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
