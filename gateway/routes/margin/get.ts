import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import type { DirectRead } from '../../app/direct/direct-reads.ts';
import { csvContent, csvResponse, formatQuery, wantsCsv } from '../../csv/respond.ts';
import { accountParams } from '../../schemas/account.ts';
import { IDENTIFIER } from '../../schemas/common.ts';
import { marginDto, marginSchema } from '../../schemas/margin.ts';
import { marginTable } from '../../schemas/margin-table.ts';
import { moduleOf, moduleQuery } from '../../schemas/module-choice.ts';
import { momentInput, pastMoment } from '../../schemas/moment.ts';
import { problems } from '../../schemas/problem.ts';
import { pastMarginDto } from './past.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/margin',
  operationId: 'getMargin',
  tags: ['margin'],
  summary: 'Equity, requirements and status of an account at the prices of now, or as of a past moment',
  description:
    'With `at`, calculated anew from the book, prices, forecasts, buffers and parameters that were stored then. Such an answer ' +
    'is always `stale`; its other reasons are those of then. Venue data and returns are not kept: options, dated futures and ' +
    'modules that simulate cannot be valued in the past, and say so.',
  request: {
    params: accountParams,
    query: z.strictObject({ ...moduleQuery, ...formatQuery, at: momentInput.optional() }),
  },
  responses: {
    200: {
      description: 'The margin.',
      content: { 'application/json': { schema: marginSchema }, ...csvContent },
    },
    ...problems(404, 409, 422, 503),
  },
});

const JSON_TYPE = { 'Content-Type': 'application/json' };

export function getMargin(app: GatewayApp, { ports, preparedMargins }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { at, format, ...rest } = c.req.valid('query');
    const asTable = wantsCsv(c.req.header('Accept'), format);
    const module = moduleOf(rest);
    const { id } = c.req.valid('param');
    const protocol = c.get('protocol');
    if (at !== undefined) {
      const atMs = pastMoment(at, ports.clock.nowMs());
      const margin = await pastMarginDto(ports, protocol, id, atMs, module);
      return asTable ? csvResponse(c, marginTable(margin)) : c.json(margin, 200);
    }
    const mark = preparedMargins?.mark() ?? 0;
    const answer = await ports.margin.calculate(protocol, id, module);
    const margin = marginDto(answer, ports.clock.nowMs(), ports.prices.validForMs);
    if (asTable) return csvResponse(c, marginTable(margin));
    const text = JSON.stringify(margin);
    if (module === null) preparedMargins?.keep(protocol, answer, text, mark);
    return c.body(text, 200, JSON_TYPE) as never;
  });
}

/** The short way to an answer that was given a moment ago and is still right; none where changes are not told. */
export function marginRead({ preparedMargins: prepared }: RouteContext): readonly DirectRead[] {
  if (prepared === null) return [];
  const text = (protocol: string, id: string) => prepared.get(protocol, id);
  return [
    { route: route.getRoutingPath(), prefix: '/v1/accounts/', suffix: '/margin', id: IDENTIFIER, text },
  ];
}
