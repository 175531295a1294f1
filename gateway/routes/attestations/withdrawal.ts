import { createRoute, z } from '@hono/zod-openapi';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { signWithdrawal } from '../../attestations/sign-withdrawal.ts';
import { accountParams } from '../../schemas/account.ts';
import {
  attestationAsk,
  attestationDto,
  attestationResponses,
  withdrawalQuery,
} from '../../schemas/attestation.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/attestations/withdrawal/{id}/{asset}',
  operationId: 'attestWithdrawal',
  tags: ['attestations'],
  summary: 'The largest withdrawal of a collateral asset from one contract, signed for it',
  description:
    'Under the module in force, as `GET /v1/accounts/{id}/capacity` finds it. A contract that is a venue of the account pays ' +
    'from its own book, whose sequence is in the answer; any other from what was pushed for its chain, or for none. What is ' +
    'signed is reserved until it is used or expires: attestations for other contracts take it as withdrawn, so that all of them ' +
    'together leave initial margin covered. Ask for the `amount` that is wanted, and for a short time. Answers that are stale or ' +
    "unknown, and from a chain that is cut off, are not signed. The contract must be listed as one of the caller's protocol.",
  request: {
    params: accountParams.extend({
      asset: z
        .string()
        .regex(/^[A-Z0-9]{1,16}$/, 'must be 1 to 16 of A-Z, 0-9')
        .openapi({ param: { name: 'asset', in: 'path' }, example: 'ETH' }),
    }),
    query: withdrawalQuery,
  },
  responses: attestationResponses,
});

export function attestWithdrawal(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { amount, ...query } = c.req.valid('query');
    const ask = attestationAsk(c.get('protocol'), query);
    const { id, asset } = c.req.valid('param');
    const atMostWad = amount === undefined ? null : wadFromDecimal(amount);
    const signed = await signWithdrawal(ports, ask, { accountId: id, asset, atMostWad });
    return c.json(attestationDto(signed), 200);
  });
}
