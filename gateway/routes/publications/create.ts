import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { PublicationsPort } from '../../publishing/port.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { decideBody, givenDecision, publicationDto, publicationSchema } from '../../schemas/publication.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/publications',
    operationId: 'publishDecision',
    tags: ['chains'],
    summary: 'Takes a decision that approvers of the hub have signed to every chain',
    description:
      'A value, or new bounds for what forecasts may publish alone. RiskHub itself checks the signatures and holds the ' +
      'decision for its time lock; what it refuses is listed as refused, with its reason. The same decision again is ' +
      'the same publication.',
    request: { body: { required: true, content: { 'application/json': { schema: decideBody } } } },
    responses: {
      202: { description: 'Taken.', content: { 'application/json': { schema: publicationSchema } } },
      ...problems(404, 503, ...BODY_PROBLEMS),
    },
  });
}

export function createPublication(
  app: GatewayApp,
  publications: PublicationsPort,
  maxBodyBytes: number,
): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const given = givenDecision(c.req.valid('json'));
    const made = await publications.decide(c.get('protocol'), given, c.get('actor'));
    return c.json(publicationDto(made), 202);
  });
}
