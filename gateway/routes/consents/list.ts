import { createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import type { ConsentsPort } from '../../consents/port.ts';
import { consentDto, consentListSchema, domainDto } from '../../schemas/consent.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/consents',
  operationId: 'listConsents',
  tags: ['consents'],
  summary: 'Consents that the protocol filed, newest first, and the domain that owners sign in',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: consentListSchema } } },
    ...problems(503),
  },
});

const place = z.tuple([z.int().nonnegative().max(8_640_000_000_000_000), z.string().max(66)]);

export function listConsents(
  app: GatewayApp,
  consents: ConsentsPort,
  { clock }: { readonly clock: Clock },
): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query);
    const from = readCursor(query.cursor, 'consents', place);
    const before = from === null ? null : { filedAtMs: from[0], id: from[1] };
    const found = await consents.list(c.get('protocol'), { before, limit: limit + 1 });
    const { page, nextCursor } = pageOf(found, limit, ({ consent, filing }) =>
      writeCursor('consents', [filing.filedAtMs, consent.id]),
    );
    const { domain } = consents;
    const nowMs = clock.nowMs();
    return c.json(
      {
        consents: page.map((one) => consentDto(one, domain, nowMs)),
        nextCursor,
        domain: domainDto(domain),
      },
      200,
    );
  });
}
