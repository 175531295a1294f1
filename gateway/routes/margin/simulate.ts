import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import type { DirectPost } from '../../app/direct/direct-posts.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { marginDto, marginSchema } from '../../schemas/margin.ts';
import { marginText } from '../../schemas/margin-text.ts';
import { moduleOf, moduleOnlyQuery } from '../../schemas/module-choice.ts';
import { plainBook } from '../../schemas/plain-book.ts';
import { portfolioOf, simulateBody } from '../../schemas/positions.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { listingIssues, requireListed } from '../positions/listed.ts';

const PATH = '/v1/margin/simulate';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: jsonBody(maxBodyBytes),
    method: 'post',
    path: PATH,
    operationId: 'simulateMargin',
    tags: ['margin'],
    summary: 'Margin of a book given in the body; nothing is stored',
    request: {
      query: moduleOnlyQuery,
      body: { required: true, content: { 'application/json': { schema: simulateBody } } },
    },
    responses: {
      200: { description: 'The margin.', content: { 'application/json': { schema: marginSchema } } },
      ...problems(422, 503, ...BODY_PROBLEMS),
    },
  });
}

export function simulateMargin(app: GatewayApp, { ports, maxBodyBytes }: RouteContext): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const portfolio = portfolioOf('simulation', c.req.valid('json'));
    requireListed(portfolio, ports);
    const answer = await ports.margin.simulate(c.get('protocol'), portfolio, moduleOf(c.req.valid('query')));
    return c.json(marginDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}

/** The short way of a plain book that is listed, with the module in force. */
export function simulatePost({ ports, maxBodyBytes }: RouteContext): DirectPost {
  return {
    path: PATH,
    maxBodyBytes,
    text(protocol, body) {
      const book = plainBook(body);
      if (book === null) return null;
      const portfolio = portfolioOf('simulation', book);
      if (listingIssues(portfolio, ports).length > 0) return null;
      const answer = ports.margin.simulateNow?.(protocol, portfolio) ?? null;
      return answer === null ? null : marginText(answer, ports.clock.nowMs(), ports.prices.validForMs);
    },
  };
}
