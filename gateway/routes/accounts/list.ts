import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import type { AccountPlace } from '../../app/ports.ts';
import { allRows, cellsOf, csvContent, csvResponse, formatQuery, wantsCsv } from '../../csv/respond.ts';
import {
  ACCOUNT_COLUMNS,
  accountCells,
  accountListSchema,
  STATUSES,
  summaryDto,
} from '../../schemas/account.ts';
import { identifier } from '../../schemas/common.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts',
  operationId: 'listAccounts',
  tags: ['accounts'],
  summary: "The protocol's accounts with their last margin, page by page, or all of them as CSV",
  description:
    'By account id, or with `sort=health` by margin ratio (equity over maintenance requirement), least healthy first: accounts that ' +
    'cannot be valued, then the lowest ratio, at last what no sweep has seen yet. `margin` is that of the last sweep, not of now: ' +
    'its `asOf` says when, its `sequence` of which book. Accounts at venues of the protocol on chain are listed once a sweep ' +
    'has read them, whether anything was pushed or not.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      ...formatQuery,
      status: z
        .enum(STATUSES)
        .optional()
        .openapi({ description: 'Only accounts that the last sweep found so.' }),
      sort: z.enum(['id', 'health']).optional().openapi({ description: 'Default: id.' }),
    }),
  },
  responses: {
    200: {
      description: 'One page; as CSV all of them.',
      content: { 'application/json': { schema: accountListSchema }, ...csvContent },
    },
    ...problems(503),
  },
});

const place = z.tuple([
  z
    .string()
    .regex(/^(-?Infinity|-?\d{1,60}(\.\d{1,30})?)$/)
    .nullable(),
  identifier,
]);

export function listAccounts(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const order = query.sort ?? 'id';
    const kind = order === 'id' ? 'accounts' : 'accounts-health';
    const from = readCursor(query.cursor, kind, place);
    const first = from === null ? null : { rank: from[0], accountId: from[1] };
    const protocol = c.get('protocol');
    const read = (after: AccountPlace | null, limit: number) =>
      ports.accounts.list(protocol, { status: query.status ?? null, order, after, limit });
    if (wantsCsv(c.req.header('Accept'), query.format)) {
      const limit = query.limit === undefined ? null : limitOf(query);
      const rows = cellsOf(allRows(read, first, limit), accountCells);
      return csvResponse(c, { name: 'accounts', columns: ACCOUNT_COLUMNS, rows });
    }
    const limit = limitOf(query);
    // One more than asked tells whether there is a next page.
    const { page, nextCursor } = pageOf(await read(first, limit + 1), limit, ({ rank, accountId }) =>
      writeCursor(kind, [order === 'id' ? null : rank, accountId]),
    );
    return c.json({ accounts: page.map(summaryDto), nextCursor }, 200);
  });
}
