import type { Address } from 'viem';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { Reservations } from './reservations.ts';
import type { Signer } from './signer.ts';

/** A chain on which signed answers can be checked. */
export interface AttestationTarget {
  readonly chain: string;
  readonly chainId: number;
  readonly verifier: Address;
  /** Contracts by the protocol that they belong to, in lower case. */
  readonly contracts: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Whether verifiers accept what is signed here, told by the verifiers themselves. */
export interface Registration {
  /** null: it is registered; else why nothing can be signed for the chain. */
  refusal(chain: string): Promise<string | null>;
}

export interface AttestationsPort {
  /** By registry id. */
  readonly targets: ReadonlyMap<string, AttestationTarget>;
  /** null = answers are not signed here. */
  readonly signer: Signer | null;
  /** Whether the verifiers accept the signer; absent: they are not asked (only where contracts cannot be reached, in tests). */
  readonly registration?: Registration;
  /** Withdrawals that were signed and may still be used; absent: each is signed alone (only without a database, in tests). */
  readonly reservations?: Reservations;
}

/** The port over the chains of a network file: those that have a verifier. */
export function attestationsPort(
  chains: readonly ChainDefinition[],
  signer: Signer | null,
): AttestationsPort {
  const targets = chains.flatMap(({ id, chainId, risk }): [string, AttestationTarget][] => {
    if (!risk?.verifier) return [];
    const contracts = new Map(
      Object.entries(risk.protocols).map(([protocol, addresses]) => [
        protocol,
        new Set(addresses.map((address) => address.toLowerCase())),
      ]),
    );
    return [[id, { chain: id, chainId, verifier: risk.verifier, contracts }]];
  });
  return { targets: new Map(targets), signer };
}
