import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { attest, targetOf } from '../../attestations/attest.ts';
import { priceFigures } from '../../attestations/figures.ts';
import {
  attestationAsk,
  attestationDto,
  attestationQuery,
  attestationResponses,
} from '../../schemas/attestation.ts';
import { feedIdInput } from '../../schemas/common.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/attestations/price/{id}',
  operationId: 'attestPrice',
  tags: ['attestations'],
  summary: 'A price, signed for one contract on one chain',
  description: 'A price that is expired or may not be used for margin is not signed.',
  request: {
    params: z.strictObject({ id: feedIdInput.openapi({ param: { name: 'id', in: 'path' } }) }),
    query: attestationQuery,
  },
  responses: attestationResponses,
});

export function attestPrice(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const ask = attestationAsk(c.get('protocol'), c.req.valid('query'));
    const target = targetOf(ports.attestations, ask, false);
    const figures = priceFigures(ports.prices.get(c.req.valid('param').id), ports.prices.validForMs);
    return c.json(attestationDto(await attest(target, ask, figures, ports.clock.nowMs())), 200);
  });
}
