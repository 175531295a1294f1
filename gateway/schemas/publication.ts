import { z } from '@hono/zod-openapi';
import type { PublicationView } from '../../db/queries/publications.ts';
import { wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';
import type { GivenDecision } from '../publishing/port.ts';
import { amount, iso, orNull, timestamp } from './common.ts';
import { nextCursorField } from './page.ts';
import { withoutAddresses } from './redact.ts';

export const share = z
  .string({ error: 'must be a decimal string such as "0.25", in quotes' })
  .regex(/^\d{1,30}(\.\d{1,18})?$/, 'must be a decimal string of at least zero, at most 18 decimals')
  .openapi({ example: '0.25' });
const count = z
  .string()
  .regex(/^\d{1,18}$/, 'must be a whole number in quotes, at most 18 digits')
  .openapi({ example: '7' });

export const marketField = z.string().regex(/^[A-Z0-9]{1,16}-[A-Z0-9]{1,16}$/, 'must look like ETH-PERP');
export const updateTypeField = z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'must be 1 to 64 letters or digits');

const decisionBody = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('parameter'),
      value: share,
      referenceId: z.string().regex(/^[\x20-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters'),
    })
    .openapi('ParameterDecision'),
  z.strictObject({ kind: z.literal('bounds'), min: share, max: share }).openapi('BoundsDecision'),
]);

export const decideBody = z
  .strictObject({
    market: marketField,
    updateType: updateTypeField,
    decision: decisionBody,
    nonce: count.openapi({ description: '`RiskHub.nonceOf(market, updateType)`.' }),
    validUntil: count.openapi({
      description: 'Unix seconds by the clock of the hub.',
      example: '1790000000',
    }),
    signatures: z
      .array(z.string().regex(/^0x[0-9a-fA-F]{130}$/, 'must be 0x and 65 bytes in hex'))
      .min(1)
      .max(32)
      .openapi({ description: 'EIP-712 signatures of approvers of RiskHub, in any order.' }),
  })
  .openapi('PublishDecision');

export const arrivalSchema = z
  .object({
    chain: z.string().openapi({ description: 'Registry id.', example: 'l2' }),
    state: z.enum(['waiting', 'stuck', 'arrived', 'overtaken']).openapi({
      description: 'arrived: RiskOracle there answers it. overtaken: a newer one came first.',
    }),
    reason: z.string().nullable(),
    arrivedAt: orNull(timestamp, 'When it was first seen there.'),
    final: z.boolean().openapi({ description: 'No reorganisation can undo it any more.' }),
    guid: z.string().nullable().openapi({ description: "LayerZero's id of the message; null on the hub." }),
    retries: z.int(),
  })
  .openapi('PublicationArrival');

export const publicationSchema = z
  .object({
    id: z.string().openapi({ description: 'Hash; the `referenceId` on chain of what a forecast changed.' }),
    source: z.enum(['forecast', 'governance']),
    kind: z.enum(['value', 'parameter', 'bounds']),
    proposal: orNull(z.string(), 'The proposal that it carries out; null for a decision handed in signed.'),
    market: z.string(),
    marketAddress: z.string(),
    updateType: z.string(),
    value: orNull(amount, '18 decimals; null for bounds.'),
    computedValue: orNull(amount, 'What the forecast asked for, before the bounds of the gateway.'),
    state: z.enum(['pending', 'scheduled', 'sending', 'published', 'arrived', 'refused', 'superseded']),
    reason: z.string().nullable(),
    attempts: z.int(),
    sequence: z.string().nullable(),
    hub: z.string(),
    transactionHash: z.string().nullable(),
    blockNumber: z.string().nullable(),
    feeWei: z.string().nullable(),
    createdAt: timestamp,
    publishedAt: orNull(timestamp, 'When it was first seen in a block of the hub.'),
    arrivedAt: orNull(timestamp, 'When every chain answered it.'),
    arrivals: z.array(arrivalSchema),
  })
  .openapi('Publication');

export const publicationListSchema = z
  .object({ publications: z.array(publicationSchema), nextCursor: nextCursorField })
  .openapi('PublicationList');

const time = (ms: number | null) => (ms === null ? null : iso(ms));
const decimal = (value: bigint | null) => (value === null ? null : wadToDecimal(value));
const said = (reason: string | null) => (reason === null ? null : withoutAddresses(reason));

/** Times are wall time. */
export function publicationDto(view: PublicationView): z.infer<typeof publicationSchema> {
  const { id, source, kind, proposal, market, marketAddress, updateType, state, attempts, hub } = view;
  return {
    ...{ id, source, kind, proposal, market, marketAddress, updateType, state, attempts, hub },
    transactionHash: view.transactionHash,
    value: decimal(view.value),
    computedValue: decimal(view.computedValue),
    reason: said(view.reason),
    sequence: view.sequence?.toString() ?? null,
    blockNumber: view.blockNumber?.toString() ?? null,
    feeWei: view.feeWei?.toString() ?? null,
    createdAt: iso(view.createdAt),
    publishedAt: time(view.publishedAt),
    arrivedAt: time(view.arrivedAt),
    arrivals: view.arrivals.map((arrival) => ({
      chain: arrival.chain,
      state: arrival.state,
      reason: said(arrival.reason),
      arrivedAt: time(arrival.arrivedAt),
      final: arrival.settled,
      guid: arrival.guid,
      retries: arrival.retries,
    })),
  };
}

/** @throws InvalidInputError for an amount that is too large */
export function givenDecision(body: z.output<typeof decideBody>): GivenDecision {
  const { market, updateType, decision, nonce, validUntil, signatures } = body;
  return {
    market,
    updateType,
    nonce: BigInt(nonce),
    validUntil: BigInt(validUntil),
    signatures: signatures as readonly `0x${string}`[],
    decision:
      decision.kind === 'bounds'
        ? {
            kind: 'bounds',
            minWad: wadFromDecimal(decision.min, 'decision.min'),
            maxWad: wadFromDecimal(decision.max, 'decision.max'),
          }
        : {
            kind: 'parameter',
            valueWad: wadFromDecimal(decision.value, 'decision.value'),
            referenceId: decision.referenceId,
          },
  };
}
