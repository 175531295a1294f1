import { type Address, getAddress } from 'viem';
import { decisionTypedData } from '../../chains/contracts/decisions.ts';
import { marketAddress } from '../../chains/contracts/market-address.ts';
import { decodeValue } from '../../chains/contracts/update-data.ts';
import { hubTerms, isHubApprover } from '../../chains/publisher/authority.ts';
import { decisionId, Hub } from '../../chains/publisher/hub.ts';
import { openPublisherChain } from '../../chains/publisher/publisher-chain.ts';
import type { HubChange, ProposalOnChain } from '../../db/queries/proposal-on-chain.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import type { MarketDefinition } from '../../risk/modules/module.ts';
import type { NetworkConfig } from '../config/network.ts';

/** A parameter of a protocol that the hub publishes. */
export interface PublishedLine {
  readonly market: string;
  readonly marketAddress: Address;
  readonly updateType: string;
  /** What the market is; left out where nobody knows. */
  readonly definition?: MarketDefinition;
}

/** How long a decision stays valid by the clock of the hub beyond all that it must wait for. */
const GRACE_SECONDS = 7n * 86_400n;

/** What proposals take to RiskHub. Reads throw ChainUnavailableError. */
export interface HubDecisions {
  readonly hub: Pick<ProposalOnChain, 'hub' | 'chainId' | 'address'>;
  lines(protocol: string): readonly PublishedLine[];
  /** Gives changes their nonces and deadlines, so that they can be signed. */
  complete(
    proposal: Pick<StoredProposal, 'id' | 'policy'>,
    changes: readonly HubChange[],
  ): Promise<Pick<ProposalOnChain, 'threshold' | 'changes'>>;
  /** What RiskOracle of the hub answers for a line; null before its first publication. */
  present(line: PublishedLine): Promise<bigint | null>;
  isApprover(signer: string): Promise<boolean>;
}

/** Opens no connection. null without a `publishing` section. */
export function hubDecisions(
  network: Pick<NetworkConfig, 'chains' | 'publishing'> & { readonly markets?: readonly MarketDefinition[] },
): HubDecisions | null {
  const { publishing, chains } = network;
  const definition = chains.find(({ id }) => id === publishing?.hub);
  if (publishing === null || definition === undefined) return null;
  const chain = openPublisherChain(definition);
  const hub = new Hub(chain);
  const { chainId } = definition;
  return {
    hub: { hub: definition.id, chainId, address: hub.address },
    lines: (protocol) =>
      publishing.lines
        .filter((line) => line.protocol === protocol)
        .map(({ market, updateType, address }) => {
          const definition = network.markets?.find(({ id }) => id === market);
          const marketAt = getAddress(address ?? marketAddress(market));
          return { market, updateType, marketAddress: marketAt, ...(definition && { definition }) };
        }),
    async complete({ id, policy }, changes) {
      const terms = await hubTerms(chain, hub.address);
      const waits = policy.approvalSeconds + policy.timeLockSeconds + policy.noticeSeconds;
      const validUntil = terms.nowSeconds + BigInt(waits) + terms.timeLockSeconds + GRACE_SECONDS;
      const nonces = new Map<string, bigint>();
      const completed: HubChange[] = [];
      for (const change of changes) {
        const line = { market: change.marketAddress as Address, updateType: change.updateType };
        const key = `${line.market} ${line.updateType}`;
        // Two decisions of one proposal about a line, its bounds and a value, follow one another.
        const nonce = nonces.get(key) ?? (await hub.nonceOf(line));
        nonces.set(key, nonce + 1n);
        completed.push(signable(change, { ...line, nonce, validUntil }, id));
      }
      return { threshold: terms.threshold, changes: completed };
    },
    async present({ marketAddress: market, updateType }) {
      const latest = await hub.latest({ market, updateType });
      return latest === null ? null : decodeValue(latest.newValue);
    },
    isApprover: (signer) => isHubApprover(chain, hub.address, signer),
  };
}

interface Common {
  readonly market: Address;
  readonly updateType: string;
  readonly nonce: bigint;
  readonly validUntil: bigint;
}

/** The proposal's id is the reference on chain: a signature for the hub names the proposal that it belongs to. */
function signable(change: HubChange, common: Common, referenceId: string): HubChange {
  if (change.kind === 'bounds') {
    const decision = { ...common, minValue: change.min!, maxValue: change.max! };
    return { ...change, decision, publication: decisionId('Bounds', decision) };
  }
  const decision = { ...common, value: change.value!, referenceId };
  return { ...change, decision, publication: decisionId('Parameter', decision) };
}

/** What approvers of the hub sign for a change; null for one that needs no signature, or cannot be signed yet. */
export function hubTypedData(onChain: ProposalOnChain, { kind, decision }: HubChange) {
  if (kind === 'value' || decision === null) return null;
  const primaryType = kind === 'bounds' ? 'Bounds' : 'Parameter';
  return decisionTypedData(onChain.chainId, onChain.address as Address, primaryType, decision as never);
}
