import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError, NoStoredPriceError } from '../../app/errors.ts';
import { allRows, cellsOf, csvContent, csvResponse, wantsCsv } from '../../csv/respond.ts';
import { feedIdInput } from '../../schemas/common.ts';
import { pastMoment } from '../../schemas/moment.ts';
import { limitOf, pageOf, readCursor, writeCursor } from '../../schemas/page.ts';
import {
  PRICE_COLUMNS,
  priceHistoryQuery,
  priceHistorySchema,
  pricePointCells,
  pricePointDto,
} from '../../schemas/price-history.ts';
import { problems } from '../../schemas/problem.ts';

const HOUR_MS = 3_600_000;

const route = createRoute({
  method: 'get',
  path: '/v1/prices/{id}/history',
  operationId: 'getPriceHistory',
  tags: ['prices'],
  summary: 'Stored prices of a feed, oldest first, as JSON or CSV',
  description:
    'Prices are stored every few seconds and kept for 30 days, unless configured otherwise. None may be acted on.',
  request: {
    params: z.strictObject({ id: feedIdInput.openapi({ param: { name: 'id', in: 'path' } }) }),
    query: priceHistoryQuery,
  },
  responses: {
    200: {
      description: 'One page; as CSV all of them.',
      content: { 'application/json': { schema: priceHistorySchema }, ...csvContent },
    },
    ...problems(404, 409, 503),
  },
});

const place = z.tuple([z.int().nonnegative().max(8_640_000_000_000_000)]);

export function getPriceHistory(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { id: feed } = c.req.valid('param');
    const query = c.req.valid('query');
    const nowMs = ports.clock.nowMs();
    const toMs = query.to === undefined ? nowMs : pastMoment(query.to, nowMs, 'to');
    const fromMs = query.from === undefined ? toMs - HOUR_MS : pastMoment(query.from, nowMs, 'from');
    if (toMs < fromMs) throw new InvalidRequestError([{ field: 'to', message: 'must not be before `from`' }]);
    const { history } = ports.prices;
    ports.prices.get(feed);
    // Nothing is kept where the ports are not over a database.
    if (history === undefined) throw new NoStoredPriceError(feed, toMs);
    const stepMs = query.step === undefined ? null : Number(query.step) * 1000;
    const from = readCursor(query.cursor, 'prices', place);
    const first = from === null ? null : { asOfMs: from[0] };
    const read = (after: { readonly asOfMs: number } | null, limit: number) =>
      history(feed, { fromMs, toMs, afterMs: after?.asOfMs ?? null, stepMs, limit });
    if (wantsCsv(c.req.header('Accept'), query.format)) {
      const limit = query.limit === undefined ? null : limitOf(query);
      const rows = cellsOf(allRows(read, first, limit), (point) => pricePointCells(feed, point));
      return csvResponse(c, { name: feed, columns: PRICE_COLUMNS, rows });
    }
    const limit = limitOf(query);
    const { page, nextCursor } = pageOf(await read(first, limit + 1), limit, ({ asOfMs }) =>
      writeCursor('prices', [asOfMs]),
    );
    return c.json({ feed, prices: page.map(pricePointDto), nextCursor }, 200);
  });
}
