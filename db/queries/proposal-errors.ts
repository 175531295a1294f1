import { BreakwaterError } from '../../risk/errors.ts';

/** No such proposal in the protocol; one of another protocol looks the same. */
export class UnknownProposalError extends BreakwaterError {
  override readonly name = 'UnknownProposalError';
  constructor(id: string) {
    super(`no proposal '${id}'`, { type: 'unknown-proposal', kind: 'not-found' });
  }
}

/** The proposal is not in a state in which this can be done. */
export class ProposalStateError extends BreakwaterError {
  override readonly name = 'ProposalStateError';
  constructor(what: string, state: string) {
    super(`a proposal that is ${state} cannot be ${what}`, {
      type: 'proposal-state',
      kind: 'conflict',
      details: { state },
    });
  }
}

/** The signer has approved this proposal already. */
export class DuplicateApprovalError extends BreakwaterError {
  override readonly name = 'DuplicateApprovalError';
  constructor(signer: string) {
    super(`${signer} has approved this proposal already`, { type: 'duplicate-approval', kind: 'conflict' });
  }
}

/** The signature is not one of a signer of the protocol on this proposal. */
export class ApprovalRefusedError extends BreakwaterError {
  override readonly name = 'ApprovalRefusedError';
  constructor(message: string) {
    super(`signature: ${message}`, {
      type: 'approval-refused',
      kind: 'unprocessable',
      issues: [{ field: 'signature', message }],
    });
  }
}
