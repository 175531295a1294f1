import { BreakwaterError } from '../../risk/errors.ts';

/** The caller's protocol has filed no such consent; whether another one has is not told. */
export class UnknownConsentError extends BreakwaterError {
  override readonly name = 'UnknownConsentError';
  constructor(id: string) {
    super(`no consent '${id}'`, { type: 'unknown-consent', kind: 'not-found' });
  }
}

/** The caller's account is in another consent, or the document was filed with other terms. */
export class ConsentConflictError extends BreakwaterError {
  override readonly name = 'ConsentConflictError';
  constructor(message: string, consent: string) {
    super(message, { type: 'consent-conflict', kind: 'conflict', details: { consent } });
  }
}

/** The document was revoked or withdrawn, and never counts again. */
export class ConsentEndedError extends BreakwaterError {
  override readonly name = 'ConsentEndedError';
  constructor(id: string, by: string) {
    super(`consent '${id}' was ended by ${by === 'owner' ? 'its owner' : `'${by}'`}`, {
      type: 'consent-ended',
      kind: 'conflict',
    });
  }
}

/** The document, its signature or its times are not such that it may be filed; says why. */
export class ConsentRefusedError extends BreakwaterError {
  override readonly name = 'ConsentRefusedError';
  constructor(field: string, message: string) {
    super(`${field} ${message}`, {
      type: 'consent-refused',
      kind: 'unprocessable',
      issues: [{ field, message }],
    });
  }
}
