import { createRoute } from '@hono/zod-openapi';
import type { FieldIssue } from '../../../risk/errors.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { accountParams } from '../../schemas/account.ts';
import { marginDto } from '../../schemas/margin.ts';
import { moduleOf, moduleOnlyQuery } from '../../schemas/module-choice.ts';
import { MAX_POSITIONS } from '../../schemas/positions.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { changedPortfolio, whatIfBody, whatIfSchema } from '../../schemas/what-if.ts';
import { listingIssues } from '../positions/listed.ts';

/** Positions valued by one request, over all its simulations. */
const MAX_VALUED = 2 * MAX_POSITIONS;

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: jsonBody(maxBodyBytes),
    method: 'post',
    path: '/v1/accounts/{id}/margin/simulate',
    operationId: 'simulateAccountMargin',
    tags: ['margin'],
    summary: 'Margin of an account after changes to its book, one or many at once; nothing is stored',
    request: {
      params: accountParams,
      query: moduleOnlyQuery,
      body: { required: true, content: { 'application/json': { schema: whatIfBody } } },
    },
    responses: {
      200: {
        description: 'The margin now and after each change, in the order asked.',
        content: { 'application/json': { schema: whatIfSchema } },
      },
      ...problems(404, 422, 503, ...BODY_PROBLEMS),
    },
  });
}

export function simulateAccountMargin(app: GatewayApp, { ports, maxBodyBytes }: RouteContext): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const protocol = c.get('protocol');
    const { id } = c.req.valid('param');
    const { simulations } = c.req.valid('json');
    const module = moduleOf(c.req.valid('query'));
    const changesOf = (pushed: AnyPortfolio) => {
      const issues: FieldIssue[] = [];
      const portfolios: AnyPortfolio[] = [];
      let valued = 0;
      simulations.forEach((change, index) => {
        const changed = changedPortfolio(pushed, change);
        // What is stored was checked when it was stored.
        const unlisted = listingIssues({ ...pushed, positions: changed.set }, ports);
        for (const { field, message } of [
          ...changed.issues,
          ...unlisted.map((issue) => ({ ...issue, field: issue.field.replace(/^positions/, 'set') })),
        ]) {
          issues.push({ field: `simulations[${index}].${field}`, message });
        }
        portfolios.push(changed.portfolio);
        valued += changed.portfolio.positions.length;
      });
      if (valued > MAX_VALUED) {
        issues.push({ field: 'simulations', message: `must value at most ${MAX_VALUED} positions in all` });
      }
      if (issues.length > 0) throw new InvalidRequestError(issues);
      return portfolios;
    };
    const { current, simulations: answers } = await ports.margin.whatIf(protocol, id, changesOf, module);
    const nowMs = ports.clock.nowMs();
    const dto = (answer: typeof current) => marginDto(answer, nowMs, ports.prices.validForMs);
    return c.json(
      {
        current: dto(current),
        simulations: answers.map((answer, index) => ({
          label: simulations[index]!.label ?? null,
          margin: dto(answer),
        })),
      },
      200,
    );
  });
}
