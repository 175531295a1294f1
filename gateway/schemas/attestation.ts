import { z } from '@hono/zod-openapi';
import { attestationTypedData } from '../../chains/contracts/attestation.ts';
import type { AttestationAsk, SignedAttestation } from '../attestations/attest.ts';
import { iso, positiveAmountInput, timestamp } from './common.ts';
import { problems } from './problem.ts';

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`));
const whole = z.string().regex(/^(0|[1-9]\d{0,77})$/);
const MAX_UINT256 = 2n ** 256n - 1n;

export const attestationQuery = z.strictObject({
  chain: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9, -')
    .openapi({ description: 'Registry id of the chain where it will be checked.', example: 'hub' }),
  consumer: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, 'must be a 20-byte hex address')
    .openapi({
      description: 'The only contract that may consume it.',
      example: '0x00000000000000000000000000000000000000c0',
    }),
  nonce: z
    .string()
    .refine(
      (text) => /^(0|[1-9]\d{0,77})$/.test(text) && BigInt(text) <= MAX_UINT256,
      'must be a whole number below 2^256',
    )
    .optional()
    .openapi({ description: 'Consumed once per consumer; one at random when left out.', example: '1' }),
  validFor: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be whole seconds from 1 to 99999')
    .optional()
    .openapi({ description: 'Seconds from now; never longer than the answer holds.', example: '15' }),
});

export const withdrawalQuery = attestationQuery.extend({
  amount: positiveAmountInput.optional().openapi({
    description: 'Sign for no more than this, and reserve no more; the largest withdrawal when left out.',
    example: '0.5',
  }),
});

const messageSchema = z
  .object({
    chainId: whole,
    verifier: hex(20),
    consumer: hex(20),
    account: hex(32).openapi({
      description: 'Left-aligned name; zero where the answer is about no account.',
    }),
    kind: z.enum(['margin', 'price', 'parameter', 'withdrawal']),
    data: z.string().regex(/^0x([0-9a-f]{2})*$/),
    asOf: whole,
    validFrom: whole,
    validUntil: whole,
    nonce: whole,
  })
  .openapi('AttestationMessage', {
    description: 'The struct of RiskAttestationVerifier; whole numbers as text.',
  });

export const attestationSchema = z
  .object({
    chain: z.string(),
    domain: z.object({
      name: z.string(),
      version: z.string(),
      chainId: z.int(),
      verifyingContract: hex(20),
    }),
    attestation: messageSchema,
    values: z
      .record(z.string(), z.string())
      .openapi({ description: 'What `data` holds: amounts as decimal strings, times in Unix seconds.' }),
    validUntil: timestamp,
    digest: hex(32).openapi({ description: 'What is signed (EIP-712).' }),
    signature: hex(65),
    signer: hex(20),
  })
  .openapi('Attestation');

export function attestationAsk(
  protocol: string,
  { chain, consumer, nonce, validFor }: z.output<typeof attestationQuery>,
): AttestationAsk {
  return {
    protocol,
    chain,
    consumer: consumer as `0x${string}`,
    nonce: nonce === undefined ? null : BigInt(nonce),
    validForSeconds: validFor === undefined ? null : Number(validFor),
  };
}

/** What every route that signs answers. */
export const attestationResponses = {
  200: {
    description: 'Signed by the key of the gateway.',
    content: { 'application/json': { schema: attestationSchema } },
  },
  ...problems(404, 409, 422, 503),
};

export function attestationDto(signed: SignedAttestation): z.infer<typeof attestationSchema> {
  const { chain, attestation, values, digest, signature, signer } = signed;
  return {
    chain,
    domain: { ...attestationTypedData(attestation).domain },
    attestation: {
      ...attestation,
      chainId: attestation.chainId.toString(),
      asOf: attestation.asOf.toString(),
      validFrom: attestation.validFrom.toString(),
      validUntil: attestation.validUntil.toString(),
      nonce: attestation.nonce.toString(),
    },
    values: { ...values },
    validUntil: iso(Number(attestation.validUntil) * 1000),
    digest,
    signature,
    signer,
  };
}
