import { z } from '@hono/zod-openapi';
import type { HubChange, ProposalOnChain } from '../../db/queries/proposal-on-chain.ts';
import { InvalidInputError } from '../../risk/errors.ts';
import { wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';
import { hubTypedData } from '../governance/hub-decisions.ts';
import type { ChangeAsk } from '../governance/port.ts';
import { amount, iso, orNull, timestamp } from './common.ts';
import { marketField, share, updateTypeField } from './publication.ts';

const line = { market: marketField, updateType: updateTypeField };

/** A decision about a published parameter, as a proposal asks for it. */
export const changeAsk = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('parameter'), ...line, value: share }).openapi('ProposeParameter'),
  z.strictObject({ kind: z.literal('bounds'), ...line, min: share, max: share }).openapi('ProposeBounds'),
]);

/** @throws InvalidInputError for an amount that is too large */
export function askedChange(ask: z.output<typeof changeAsk>): ChangeAsk {
  const { market, updateType } = ask;
  if (ask.kind === 'parameter') {
    return { kind: 'parameter', market, updateType, valueWad: wadFromDecimal(ask.value, 'onChain.value') };
  }
  const [minWad, maxWad] = [wadFromDecimal(ask.min, 'onChain.min'), wadFromDecimal(ask.max, 'onChain.max')];
  if (minWad > maxWad) throw new InvalidInputError('onChain.min', 'is above max');
  return { kind: 'bounds', market, updateType, minWad, maxWad };
}

const typedData = z.record(z.string(), z.unknown());

const changeSchema = z
  .object({
    kind: z.enum(['value', 'parameter', 'bounds']).openapi({
      description:
        "value: by the gateway's key. parameter, bounds: decisions that approvers of the hub sign.",
    }),
    market: z.string(),
    marketAddress: z.string(),
    updateType: z.string(),
    value: orNull(amount, 'null for bounds.'),
    min: orNull(amount, 'null but for bounds.'),
    max: orNull(amount, 'null but for bounds.'),
    previous: orNull(amount, 'What RiskOracle answered when it was proposed.'),
    computedValue: orNull(amount, 'What the forecast asked for, where the bounds cut it.'),
    risesUntil: orNull(
      timestamp,
      'Market time at which a rise under notice is fully in force; until then more steps follow.',
    ),
    publication: orNull(z.string(), 'Id of its publication once it is executed.'),
    typedData: orNull(typedData, 'What approvers of the hub sign (EIP-712); null where nobody needs to.'),
  })
  .openapi('ProposalChange');

export const onChainSchema = z
  .object({
    hub: z.string().openapi({ description: 'Registry id of the chain.' }),
    chainId: z.int(),
    contract: z.string().openapi({ description: 'RiskHub.' }),
    threshold: z.int().openapi({ description: 'Approvals that the hub asks for; 0 where none is needed.' }),
    changes: z.array(changeSchema),
    omitted: z
      .array(z.object({ market: z.string(), updateType: z.string(), reason: z.string() }))
      .openapi({ description: 'Published parameters that change here but not there.' }),
  })
  .openapi('ProposalOnChain');

/** Typed data as JSON: bigints become decimal strings. */
export function plainTypedData(data: unknown): Record<string, unknown> {
  const text = JSON.stringify(data, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

const decimal = (value: bigint | null) => (value === null ? null : wadToDecimal(value));

function changeDto(onChain: ProposalOnChain, change: HubChange): z.infer<typeof changeSchema> {
  const { kind, market, marketAddress, updateType, risesUntilMs, publication } = change;
  const data = hubTypedData(onChain, change);
  return {
    ...{ kind, market, marketAddress, updateType },
    value: decimal(change.value),
    min: decimal(change.min),
    max: decimal(change.max),
    previous: decimal(change.previous),
    computedValue: decimal(change.computed),
    risesUntil: risesUntilMs === null ? null : iso(risesUntilMs),
    publication: publication === '' ? null : publication,
    typedData: data === null ? null : plainTypedData(data),
  };
}

export function onChainDto(onChain: ProposalOnChain): z.infer<typeof onChainSchema> {
  const { hub, chainId, address, threshold, changes, omitted } = onChain;
  return {
    ...{ hub, chainId, contract: address, threshold },
    changes: changes.map((change) => changeDto(onChain, change)),
    omitted: omitted.map((one) => ({ ...one })),
  };
}
