import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { accountListSchema, summaryDto } from '../../schemas/account.ts';
import { identifier } from '../../schemas/common.ts';
import { problems } from '../../schemas/problem.ts';

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;

const route = createRoute({
  method: 'get',
  path: '/v1/accounts',
  operationId: 'listAccounts',
  tags: ['accounts'],
  summary: "The protocol's accounts, page by page, ascending by id",
  request: {
    query: z.strictObject({
      limit: z
        .string()
        .regex(/^[1-9]\d{0,3}$/, `must be an integer from 1 to ${MAX_LIMIT}`)
        .optional()
        .openapi({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, example: 100 }),
      cursor: z
        .string()
        .min(1)
        .max(512)
        .optional()
        .openapi({ description: '`nextCursor` of the page before.' }),
    }),
  },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: accountListSchema } } },
    ...problems(503),
  },
});

export function listAccounts(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit);
    if (limit > MAX_LIMIT) {
      throw new InvalidRequestError([
        { field: 'limit', message: `must be an integer from 1 to ${MAX_LIMIT}` },
      ]);
    }
    const after = query.cursor === undefined ? null : readCursor(query.cursor);
    // One more than asked tells whether there is a next page.
    const found = await ports.accounts.list(c.get('protocol'), { after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const nextCursor = found.length > limit ? writeCursor(page.at(-1)!.accountId) : null;
    return c.json({ accounts: page.map(summaryDto), nextCursor }, 200);
  });
}

function writeCursor(accountId: string): string {
  return Buffer.from(`a:${accountId}`, 'utf8').toString('base64url');
}

/** @throws InvalidRequestError when it is none of ours. */
function readCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const accountId = text.slice(2);
  if (!text.startsWith('a:') || !identifier.safeParse(accountId).success) {
    throw new InvalidRequestError([{ field: 'cursor', message: 'is not a cursor of this resource' }]);
  }
  return accountId;
}
