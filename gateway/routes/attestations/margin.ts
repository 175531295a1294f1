import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { attest, targetOf } from '../../attestations/attest.ts';
import { AttestationRefusedError } from '../../attestations/errors.ts';
import { marginFigures } from '../../attestations/figures.ts';
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
  path: '/v1/attestations/margin/{id}',
  operationId: 'attestMargin',
  tags: ['attestations'],
  summary: 'Margin of an account, signed for one contract on one chain',
  description:
    'Under the module in force. An answer that is stale or unknown is not signed. The contract must be listed as one ' +
    "of the caller's protocol.",
  request: { params: accountParams, query: attestationQuery },
  responses: attestationResponses,
});

export function attestMargin(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const ask = attestationAsk(c.get('protocol'), c.req.valid('query'));
    const target = targetOf(ports.attestations, ask, true);
    const answer = await ports.margin.calculate(ask.protocol, c.req.valid('param').id, null);
    const nowMs = ports.clock.nowMs();
    const { stale, reasons } = envelopeDto(answer, nowMs, ports.prices.validForMs, []);
    if (stale) throw new AttestationRefusedError(reasons);
    return c.json(attestationDto(await attest(target, ask, marginFigures(answer), nowMs)), 200);
  });
}
