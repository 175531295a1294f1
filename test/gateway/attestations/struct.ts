import type { z } from '@hono/zod-openapi';
import type { Attestation } from '../../../chains/contracts/attestation.ts';
import type { attestationSchema } from '../../../gateway/schemas/attestation.ts';

export type Signed = z.infer<typeof attestationSchema>;

/** The struct of an answer as the contract takes it. */
export function structOf({ attestation: a }: Signed): Attestation {
  const { chainId, asOf, validFrom, validUntil, nonce, ...rest } = a;
  return {
    ...(rest as Pick<Attestation, 'verifier' | 'consumer' | 'account' | 'kind' | 'data'>),
    chainId: BigInt(chainId),
    asOf: BigInt(asOf),
    validFrom: BigInt(validFrom),
    validUntil: BigInt(validUntil),
    nonce: BigInt(nonce),
  };
}
