import { type Hex, isAddress, recoverTypedDataAddress } from 'viem';
import { ApprovalRefusedError } from '../../db/queries/proposal-errors.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import { approvalTypedData } from './approval-types.ts';

/** Half the order of secp256k1: contracts refuse signatures above it, which are the malleable twins. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

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
export async function recoverSigner(proposal: StoredProposal, signature: string): Promise<string> {
  if (!/^0x[0-9a-f]{130}$/i.test(signature)) throw new ApprovalRefusedError('must be 65 bytes in hex');
  if (BigInt(`0x${signature.slice(66, 130)}`) > HALF_ORDER) {
    throw new ApprovalRefusedError('its s is in the upper half of the curve order');
  }
  try {
    const signer = await recoverTypedDataAddress({
      ...typedDataOf(proposal),
      signature: signature as Hex,
    });
    return signer.toLowerCase();
  } catch {
    throw new ApprovalRefusedError('is not a signature on the curve');
  }
}
