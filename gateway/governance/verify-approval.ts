import { type Hex, isAddress, type TypedDataDefinition } from 'viem';
import { ApprovalRefusedError } from '../../db/queries/proposal-errors.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import { InvalidInputError } from '../../risk/errors.ts';
import { recoverSigner as recoverTyped } from '../auth/typed-signature.ts';
import { approvalTypedData } from './approval-types.ts';
import { hubTypedData } from './hub-decisions.ts';

/** The typed data of a proposal that its signers sign. */
export function typedDataOf(proposal: StoredProposal) {
  const { policy } = proposal;
  const { chainId, verifyingContract } = policy;
  if (!isAddress(verifyingContract, { strict: false })) throw new TypeError('bad verifying contract');
  return approvalTypedData(
    { chainId, verifyingContract },
    {
      proposal: proposal.id as Hex,
      protocol: proposal.protocol,
      baseParametersHash: `0x${proposal.baseHash}`,
      parametersHash: `0x${proposal.parametersHash}`,
      timeLockSeconds: policy.timeLockSeconds,
      noticeSeconds: policy.noticeSeconds,
      deadline: Math.floor(proposal.deadlineMs / 1000),
    },
  );
}

/**
 * Recovers who signed the proposal, lower case. What is not a plain 65-byte signature in its lower form is refused, as
 * on chain. @throws ApprovalRefusedError
 */
export function recoverSigner(proposal: StoredProposal, signature: string): Promise<string> {
  return recover(typedDataOf(proposal), signature, 'signature');
}

/**
 * Checks that the same signer signed every decision that the proposal takes to the hub.
 * @throws InvalidInputError when they are more or fewer than its decisions, ApprovalRefusedError
 */
export async function verifyHubSignatures(
  { onChain }: StoredProposal,
  signer: string,
  signatures: readonly string[],
): Promise<void> {
  const decisions = (onChain?.changes ?? []).flatMap((change) => hubTypedData(onChain!, change) ?? []);
  if (signatures.length !== decisions.length) {
    const message = `must hold ${decisions.length} signatures, one for each change in \`onChain\` with typed data`;
    throw new InvalidInputError('hubSignatures', message);
  }
  for (const [index, decision] of decisions.entries()) {
    const field = `hubSignatures[${index}]`;
    const found = await recover(decision as TypedDataDefinition, signatures[index]!, field);
    if (found !== signer) throw new ApprovalRefusedError(`${field} is not of ${signer}`);
  }
}

async function recover(typedData: TypedDataDefinition, signature: string, field: string): Promise<string> {
  const found = await recoverTyped(typedData, signature);
  if ('refusal' in found) throw new ApprovalRefusedError(`${field} ${found.refusal}`);
  return found.signer;
}
