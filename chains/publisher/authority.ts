import type { Address } from 'viem';
import { attestationVerifierAbi, riskHubAbi } from '../contracts/abi.ts';
import type { PublisherChain } from './publisher-chain.ts';

/*
 * Who may do what on chain, read from the contracts. All throw ChainUnavailableError where the chain does not answer, and
 * ContractRefusedError where there is no such contract.
 */

/** What RiskHub asks of a decision now. */
export interface HubTerms {
  /** Approvals that it needs. */
  readonly threshold: number;
  readonly timeLockSeconds: bigint;
  /** Unix seconds of the newest block: the clock of time locks and deadlines. */
  readonly nowSeconds: bigint;
}

export async function hubTerms(chain: PublisherChain, hub: Address): Promise<HubTerms> {
  const call = { address: hub, abi: riskHubAbi } as const;
  const [threshold, timeLockSeconds, block] = await Promise.all([
    chain.use((client) => client.readContract({ ...call, functionName: 'threshold' })),
    chain.use((client) => client.readContract({ ...call, functionName: 'timeLock' })),
    chain.use((client) => client.getBlock()),
  ]);
  return { threshold: Number(threshold), timeLockSeconds, nowSeconds: block.timestamp };
}

export async function isHubApprover(chain: PublisherChain, hub: Address, signer: string): Promise<boolean> {
  const approvers = await chain.use((client) =>
    client.readContract({ address: hub, abi: riskHubAbi, functionName: 'approvers' }),
  );
  return approvers.some((one) => one.toLowerCase() === signer.toLowerCase());
}

/** Whose key the hub lets publish inside the approved bounds; the zero address while it is stopped. */
export function hubGateway(chain: PublisherChain, hub: Address): Promise<Address> {
  return chain.use((client) =>
    client.readContract({ address: hub, abi: riskHubAbi, functionName: 'gateway' }),
  );
}

/** Whether the verifier accepts what this address signs. */
export function isAttester(chain: PublisherChain, verifier: Address, signer: Address): Promise<boolean> {
  return chain.use((client) =>
    client.readContract({
      address: verifier,
      abi: attestationVerifierAbi,
      functionName: 'isSigner',
      args: [signer],
    }),
  );
}
