import { BreakwaterError, type FieldIssue } from '../../risk/errors.ts';

/** The path names a protocol that is not the caller's; whether it exists is not told. */
export class UnknownProtocolError extends BreakwaterError {
  override readonly name = 'UnknownProtocolError';
  constructor(protocol: string) {
    super(`no protocol '${protocol}'`, { type: 'unknown-protocol', kind: 'not-found' });
  }
}

/** Nobody was named who may decide for the protocol. */
export class GovernanceNotConfiguredError extends BreakwaterError {
  override readonly name = 'GovernanceNotConfiguredError';
  constructor(protocol: string) {
    super(`protocol '${protocol}' has no governance policy`, {
      type: 'governance-not-configured',
      kind: 'conflict',
    });
  }
}

/** Parameters outside what the protocol's policy allows, or a proposal that changes nothing; names every field. */
export class OutOfBoundsError extends BreakwaterError {
  override readonly name = 'OutOfBoundsError';
  constructor(issues: readonly FieldIssue[]) {
    const [first] = issues;
    super(first === undefined ? 'out of bounds' : `${first.field}: ${first.message}`, {
      type: 'out-of-bounds',
      kind: 'unprocessable',
      issues,
    });
  }
}
