import type { Address, Hex, LocalAccount, TypedDataDomain } from 'viem';

/** EIP-712 types of what approvers of RiskHub sign. */
export const DECISION_TYPES = {
  Bounds: [
    { name: 'market', type: 'address' },
    { name: 'updateType', type: 'string' },
    { name: 'minValue', type: 'uint256' },
    { name: 'maxValue', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'validUntil', type: 'uint256' },
  ],
  Parameter: [
    { name: 'market', type: 'address' },
    { name: 'updateType', type: 'string' },
    { name: 'value', type: 'uint256' },
    { name: 'referenceId', type: 'string' },
    { name: 'nonce', type: 'uint256' },
    { name: 'validUntil', type: 'uint256' },
  ],
  Committee: [
    { name: 'approvers', type: 'address[]' },
    { name: 'threshold', type: 'uint256' },
    { name: 'guardian', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'validUntil', type: 'uint256' },
  ],
} as const;

/** The gateway's key may publish from `minValue` to `maxValue` of this market and type. */
export interface BoundsDecision {
  readonly market: Address;
  readonly updateType: string;
  readonly minValue: bigint;
  readonly maxValue: bigint;
  /** `RiskHub.nonceOf(market, updateType)`. */
  readonly nonce: bigint;
  /** Unix seconds; the decision must have taken effect by then. */
  readonly validUntil: bigint;
}

/** This value is published, inside the bounds of the oracles. */
export interface ParameterDecision {
  readonly market: Address;
  readonly updateType: string;
  readonly value: bigint;
  readonly referenceId: string;
  readonly nonce: bigint;
  readonly validUntil: bigint;
}

/** The next approvers. The nonce is that of `RiskHub.nonces(COMMITTEE_SUBJECT)`. */
export interface CommitteeDecision {
  readonly approvers: readonly Address[];
  readonly threshold: bigint;
  readonly guardian: Address;
  readonly nonce: bigint;
  readonly validUntil: bigint;
}

export interface Decisions {
  readonly Bounds: BoundsDecision;
  readonly Parameter: ParameterDecision;
  readonly Committee: CommitteeDecision;
}

export type DecisionKind = keyof Decisions;

export function hubDomain(chainId: number, hub: Address) {
  return {
    name: 'Breakwater RiskHub',
    version: '1',
    chainId,
    verifyingContract: hub,
  } as const satisfies TypedDataDomain;
}

/** What viem's `signTypedData`, `hashTypedData` and `recoverTypedDataAddress` take for a decision. */
export function decisionTypedData<Kind extends DecisionKind>(
  chainId: number,
  hub: Address,
  kind: Kind,
  decision: Decisions[Kind],
) {
  return {
    domain: hubDomain(chainId, hub),
    types: { [kind]: DECISION_TYPES[kind] } as Record<string, readonly { name: string; type: string }[]>,
    primaryType: kind as string,
    message: decision as unknown as Record<string, unknown>,
  };
}

export interface Approval {
  readonly signer: Address;
  readonly signature: Hex;
}

/** Signatures in the order in which RiskHub takes them: by ascending signer. */
export function orderApprovals(approvals: readonly Approval[]): readonly Hex[] {
  return [...approvals]
    .sort((left, right) => (BigInt(left.signer) < BigInt(right.signer) ? -1 : 1))
    .map(({ signature }) => signature);
}

/** The signatures of local accounts under a decision, in the order that RiskHub takes. */
export async function signDecision<Kind extends DecisionKind>(
  signers: readonly LocalAccount[],
  chainId: number,
  hub: Address,
  kind: Kind,
  decision: Decisions[Kind],
): Promise<readonly Hex[]> {
  const typedData = decisionTypedData(chainId, hub, kind, decision);
  const approvals = await Promise.all(
    signers.map(async (signer) => {
      return { signer: signer.address, signature: await signer.signTypedData(typedData) };
    }),
  );
  return orderApprovals(approvals);
}
