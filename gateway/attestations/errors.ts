import { BreakwaterError } from '../../risk/errors.ts';

/** The deployment has no key that signs answers. */
export class AttestationsNotConfiguredError extends BreakwaterError {
  override readonly name = 'AttestationsNotConfiguredError';
  constructor() {
    super('this gateway has no key to sign answers with', {
      type: 'attestations-not-configured',
      kind: 'conflict',
    });
  }
}

/** The contract is not one of the caller's: an answer about its accounts would speak for another protocol's. */
export class ConsumerNotAllowedError extends BreakwaterError {
  override readonly name = 'ConsumerNotAllowedError';
  constructor(consumer: string, chain: string) {
    super(`${consumer} on ${chain} is not listed as a contract of this protocol`, {
      type: 'consumer-not-allowed',
      kind: 'forbidden',
      issues: [{ field: 'consumer', message: 'is not listed as a contract of this protocol' }],
    });
  }
}

/** The answer is stale, unknown or cannot be written on chain; nothing is signed. */
export class AttestationRefusedError extends BreakwaterError {
  override readonly name = 'AttestationRefusedError';
  constructor(reasons: readonly { readonly code: string; readonly message: string }[]) {
    const why = reasons.map(({ code, message }) => `${code}: ${message}`).join('; ');
    super(`nothing was signed: ${why}`, {
      type: 'attestation-refused',
      kind: 'unprocessable',
      details: { reasons: reasons.map(({ code, message }) => ({ code, message })) },
    });
  }
}
