import { type Address, type Hex, keccak256, stringToHex } from 'viem';

/**
 * What a signer of a protocol's proposal approves (EIP-712); the gateway checks it, and this file is the only place that
 * knows the type. RiskHub checks decisions of its own kinds (chains/contracts/decisions.ts): what goes on chain is signed for
 * the hub.
 */
export const APPROVAL_NAME = 'Breakwater Governance';
export const APPROVAL_VERSION = '1';

export const APPROVAL_TYPES = {
  ProposalApproval: [
    { name: 'proposal', type: 'bytes32' },
    { name: 'protocol', type: 'bytes32' },
    { name: 'baseParametersHash', type: 'bytes32' },
    { name: 'parametersHash', type: 'bytes32' },
    { name: 'timeLockSeconds', type: 'uint64' },
    { name: 'noticeSeconds', type: 'uint64' },
    { name: 'deadline', type: 'uint64' },
  ],
} as const;

export interface ApprovalDomain {
  /** Chain of RiskHub. */
  readonly chainId: number;
  /** RiskHub; the zero address while nothing is deployed. */
  readonly verifyingContract: Address;
}

/** One proposal as it is signed. Hashes are SHA-256 over canonical JSON, see docs/governance.md. */
export interface Approval {
  /** Random, never used again: a signature fits one proposal only. */
  readonly proposal: Hex;
  /** Id of the protocol in plain text. */
  readonly protocol: string;
  /** Hash of the parameters that the proposal replaces. */
  readonly baseParametersHash: Hex;
  /** Hash of module id, version and parameters that it puts in force. */
  readonly parametersHash: Hex;
  readonly timeLockSeconds: number;
  readonly noticeSeconds: number;
  /** Unix seconds; approvals count until then. */
  readonly deadline: number;
}

/** The typed data to sign, as viem and wallets take it. */
export function approvalTypedData(domain: ApprovalDomain, approval: Approval) {
  return {
    domain: { name: APPROVAL_NAME, version: APPROVAL_VERSION, ...domain },
    types: APPROVAL_TYPES,
    primaryType: 'ProposalApproval',
    message: {
      proposal: approval.proposal,
      protocol: keccak256(stringToHex(approval.protocol)),
      baseParametersHash: approval.baseParametersHash,
      parametersHash: approval.parametersHash,
      timeLockSeconds: BigInt(approval.timeLockSeconds),
      noticeSeconds: BigInt(approval.noticeSeconds),
      deadline: BigInt(approval.deadline),
    },
  } as const;
}
