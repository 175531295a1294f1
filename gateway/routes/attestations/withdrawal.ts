import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { attest, targetOf } from '../../attestations/attest.ts';
import { AttestationRefusedError } from '../../attestations/errors.ts';
import { withdrawalFigures } from '../../attestations/withdrawal.ts';
import { accountParams } from '../../schemas/account.ts';
import {
  attestationAsk,
  attestationDto,
  attestationQuery,
  attestationResponses,
} from '../../schemas/attestation.ts';
import { envelopeDto } from '../../schemas/envelope.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/attestations/withdrawal/{id}/{asset}',
  operationId: 'attestWithdrawal',
  tags: ['attestations'],
  summary: 'The largest withdrawal of a collateral asset from one contract, signed for it',
  description:
    'Under the module in force, as `GET /v1/accounts/{id}/capacity` finds it. A contract that is a venue of the account pays ' +
    'from its own book, whose sequence is in the answer; any other from what was pushed for its chain, or for none. Each ' +
    'alone: what another contract pays meanwhile is not in it. Answers that are stale or unknown, and from a chain that is cut ' +
    "off, are not signed. The contract must be listed as one of the caller's protocol.",
  request: {
    params: accountParams.extend({
      asset: z
        .string()
        .regex(/^[A-Z0-9]{1,16}$/, 'must be 1 to 16 of A-Z, 0-9')
        .openapi({ param: { name: 'asset', in: 'path' }, example: 'ETH' }),
    }),
    query: attestationQuery,
  },
  responses: attestationResponses,
});

export function attestWithdrawal(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const ask = attestationAsk(c.get('protocol'), c.req.valid('query'));
    const target = targetOf(ports.attestations, ask, true);
    const { id, asset } = c.req.valid('param');
    const of = { markets: [], sides: [], module: null };
    const answer = await ports.analysis.capacity(ask.protocol, id, of);
    const nowMs = ports.clock.nowMs();
    const { stale, reasons } = envelopeDto(answer, nowMs, ports.prices.validForMs, []);
    if (stale) throw new AttestationRefusedError(reasons);
    const figures = withdrawalFigures(answer, asset, ask);
    return c.json(attestationDto(await attest(target, ask, figures, nowMs)), 200);
  });
}
