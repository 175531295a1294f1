import { z } from '@hono/zod-openapi';
import type { ConsentDocument, FiledConsent } from '../../db/queries/consents.ts';
import { wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';
import { PROTOCOL_ID } from '../auth/keys.ts';
import { type ConsentDomain, consentTypedData, revocationTypedData } from '../consents/consent-types.ts';
import type { ConsentAsk } from '../consents/port.ts';
import { amount, identifier, iso, orNull, positiveAmountInput, timestamp } from './common.ts';
import { nextCursorField } from './page.ts';
import { plainTypedData } from './proposal-on-chain.ts';

const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits');
/** Contract wallets have signatures of their own form. */
const signature = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2}){1,2048}$/, 'must be 0x and at most 2048 bytes in hex');
const seconds = z.int().nonnegative().max(4_102_444_800);

export const consentParams = z.strictObject({
  id: bytes32.openapi({ param: { name: 'id', in: 'path' }, example: `0x${'ab'.repeat(32)}` }),
});

const sideInput = z
  .strictObject({
    protocol: z.string().regex(PROTOCOL_ID, 'must be the id of a protocol').openapi({ example: 'alpha' }),
    account: identifier,
    sees: z.enum(['totals', 'positions']).openapi({
      description: 'What this side may see of the other one: equity and requirement, or its positions too.',
    }),
  })
  .openapi('ConsentSide');

const documentFields = {
  owner: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address')
    .openapi({ example: `0x${'0a'.repeat(20)}` }),
  sides: z.array(sideInput).min(2).max(2).openapi({ description: 'Two protocols, in the order as signed.' }),
  module: z
    .string()
    .max(80)
    .regex(/^[a-z0-9-]+@\d+\.\d+\.\d+$/, 'must look like scenario@2.1.0')
    .openapi({ example: 'scenario@2.1.0', description: 'Margins both books, alone and as one.' }),
  parametersHash: bytes32.openapi({
    description: 'Of the module here, as the margin answers under `?module=` tell it.',
  }),
  nonce: bytes32.openapi({ description: 'Random: makes the document another one than any before.' }),
  issuedAt: seconds.openapi({ description: 'Unix seconds.', example: 1_773_500_000 }),
  validUntil: seconds.openapi({
    description: 'Unix seconds, at most 366 days later.',
    example: 1_774_000_000,
  }),
};
const documentSchema = z.strictObject(documentFields).openapi('NettingConsent');

export const fileConsentBody = z
  .strictObject({
    consent: documentSchema,
    signature: signature.openapi({ description: "EIP-712, the owner's, in `domain` of `GET /v1/consents`." }),
    maxRelief: positiveAmountInput.nullable().default(null).openapi({
      description:
        'Most of its requirement that the caller lets go; null = no cap. The other side does not see it.',
    }),
  })
  .openapi('FileConsent');

export const revokeConsentBody = z
  .strictObject({
    signature: signature.openapi({ description: "EIP-712, the owner's, over `revocation` of the consent." }),
  })
  .openapi('RevokeConsent');

export function consentAsk(body: z.output<typeof fileConsentBody>): ConsentAsk {
  const { owner, sides, module, ...rest } = body.consent;
  const [moduleId, moduleVersion] = module.split('@') as [string, string];
  const [first, second] = sides as [ConsentDocument['sides'][0], ConsentDocument['sides'][1]];
  const document = {
    ...rest,
    owner: owner.toLowerCase(),
    sides: [first, second] as const,
    moduleId,
    moduleVersion,
  };
  const maxReliefWad = body.maxRelief === null ? null : wadFromDecimal(body.maxRelief, 'maxRelief');
  return { document, signature: body.signature, maxReliefWad };
}

const typedData = z.record(z.string(), z.unknown());

export const consentSchema = z
  .object({
    id: z.string(),
    state: z.enum(['pending', 'in-force', 'ended', 'expired']).openapi({
      description: 'pending: the other protocol has not filed it.',
    }),
    consent: documentSchema,
    accountId: z.string().openapi({ description: "The caller's side." }),
    signature: z.string(),
    maxRelief: amount.nullable(),
    filedBy: z.string(),
    filedAt: timestamp.openapi({ description: 'Market time, as all times here.' }),
    inForceFrom: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    endedBy: orNull(z.string(), '`owner`, or the protocol that withdrew.'),
    typedData: orNull(typedData, 'What the owner signed (EIP-712); null where nothing is netted any more.'),
    revocation: orNull(typedData, 'What the owner signs to end it.'),
  })
  .openapi('Consent');

const domainSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    chainId: z.int(),
    salt: z.string().openapi({ description: 'keccak256 of the deployment.' }),
    deployment: z.string(),
  })
  .openapi('ConsentDomain');

export const consentListSchema = z
  .object({
    consents: z.array(consentSchema),
    nextCursor: nextCursorField,
    domain: orNull(domainSchema, 'What owners sign in; null where nothing is netted across protocols.'),
  })
  .openapi('ConsentList');

const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms));

/** `nowMs` is market time. */
export function consentDto(
  { consent, filing }: FiledConsent,
  domain: ConsentDomain | null,
  nowMs: number,
): z.infer<typeof consentSchema> {
  const { moduleId, moduleVersion, sides, owner, parametersHash, nonce, issuedAt, validUntil } =
    consent.document;
  const module = `${moduleId}@${moduleVersion}`;
  return {
    id: consent.id,
    state: stateOf(consent, nowMs),
    consent: {
      ...{
        owner,
        sides: sides.map((side) => ({ ...side })),
        module,
        parametersHash,
        nonce,
        issuedAt,
        validUntil,
      },
    },
    accountId: filing.account,
    signature: filing.signature,
    maxRelief: filing.maxReliefWad === null ? null : wadToDecimal(filing.maxReliefWad),
    filedBy: filing.filedBy,
    filedAt: iso(filing.filedAtMs),
    inForceFrom: isoOrNull(consent.inForceFromMs),
    endedAt: isoOrNull(consent.endedAtMs),
    endedBy: consent.endedBy,
    typedData: domain === null ? null : plainTypedData(consentTypedData(domain, consent.document)),
    revocation: domain === null ? null : plainTypedData(revocationTypedData(domain, consent.id)),
  };
}

function stateOf({ endedAtMs, inForceFromMs, validUntilMs }: FiledConsent['consent'], nowMs: number) {
  if (endedAtMs !== null) return 'ended';
  if (validUntilMs <= nowMs) return 'expired';
  return inForceFromMs === null ? 'pending' : 'in-force';
}

export function domainDto(domain: ConsentDomain | null): z.infer<typeof consentListSchema>['domain'] {
  if (domain === null) return null;
  const { domain: signed } = revocationTypedData(domain, `0x${'00'.repeat(32)}`);
  return { ...signed, deployment: domain.deployment };
}
