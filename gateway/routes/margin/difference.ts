import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError, UnknownAccountError } from '../../app/errors.ts';
import { accountParams } from '../../schemas/account.ts';
import {
  differenceQuery,
  marginDifferenceDto,
  marginDifferenceSchema,
} from '../../schemas/margin-difference.ts';
import { moduleOf } from '../../schemas/module-choice.ts';
import { pastMoment } from '../../schemas/moment.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/margin/difference',
  operationId: 'getMarginDifference',
  tags: ['margin'],
  summary: 'Why the margin of an account at one past moment is not that at another',
  description:
    'The change by what it comes from: positions, prices, parameters and the forecast are moved from the earlier moment to the ' +
    'later one, in this order, and each accounts for what changed when it moved, so that the parts add up exactly. Time moves ' +
    'with the forecast. Both margins are those of `GET .../margin?at=`.',
  request: { params: accountParams, query: differenceQuery },
  responses: {
    200: {
      description: 'The difference.',
      content: { 'application/json': { schema: marginDifferenceSchema } },
    },
    ...problems(404, 409, 422, 503),
  },
});

export function getMarginDifference(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { from, to, ...rest } = c.req.valid('query');
    const module = moduleOf(rest);
    const { id } = c.req.valid('param');
    const nowMs = ports.clock.nowMs();
    const between = { fromMs: pastMoment(from, nowMs, 'from'), toMs: pastMoment(to, nowMs, 'to') };
    if (between.toMs < between.fromMs) {
      throw new InvalidRequestError([{ field: 'to', message: 'must not be before `from`' }]);
    }
    // Nothing is kept where the ports are not over a database.
    if (ports.margin.difference === undefined) throw new UnknownAccountError(id);
    const found = await ports.margin.difference(c.get('protocol'), id, between, module);
    return c.json(marginDifferenceDto(id, found, ports.prices.validForMs), 200);
  });
}
