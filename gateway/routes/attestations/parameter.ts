import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { attest, targetOf } from '../../attestations/attest.ts';
import { ATTESTED_PARAMETERS, parameterFigures } from '../../attestations/figures.ts';
import type { GovernancePort } from '../../governance/port.ts';
import {
  attestationAsk,
  attestationDto,
  attestationQuery,
  attestationResponses,
} from '../../schemas/attestation.ts';
import { marketId } from '../../schemas/governance.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/attestations/parameter/{market}/{parameter}',
  operationId: 'attestParameter',
  tags: ['attestations'],
  summary: 'A rate of a market in force, signed for one contract on one chain',
  description:
    'The rates of `GET /v1/parameters/{market}`, buffer included. Without a price that may be used for margin there is ' +
    "none. The contract must be listed as one of the caller's protocol.",
  request: {
    params: z.strictObject({
      market: marketId.openapi({ param: { name: 'market', in: 'path' } }),
      parameter: z.enum(ATTESTED_PARAMETERS).openapi({ param: { name: 'parameter', in: 'path' } }),
    }),
    query: attestationQuery,
  },
  responses: attestationResponses,
});

export function attestParameter(
  app: GatewayApp,
  { ports }: RouteContext,
  governance: Pick<GovernancePort, 'parameters'>,
): void {
  app.openapi(route, async (c) => {
    const ask = attestationAsk(c.get('protocol'), c.req.valid('query'));
    const target = targetOf(ports.attestations, ask, true);
    const { market, parameter } = c.req.valid('param');
    const view = await governance.parameters(ask.protocol, market, null);
    const figures = parameterFigures(view, parameter, ports.prices.validForMs);
    return c.json(attestationDto(await attest(target, ask, figures, ports.clock.nowMs())), 200);
  });
}
