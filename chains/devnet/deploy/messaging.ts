import { type Abi, encodeFunctionData, type Hex } from 'viem';
import { riskArtifact } from '../../contracts/artifact.ts';
import { type BoundsDecision, signDecision } from '../../contracts/decisions.ts';
import { marketAddress } from '../../contracts/market-address.ts';
import type { DevnetAccounts } from '../accounts.ts';
import { APPROVAL_THRESHOLD, approverAccounts } from '../keys.ts';
import type { DevnetProfile } from '../profiles.ts';
import type { DevnetLayerZero, DevnetRisk, DevnetTransaction, RiskLine } from '../types.ts';
import { planLayerZero } from './layer-zero.ts';
import { DeploymentPlan } from './plan.ts';
import { planPeers, planRisk, TIME_LOCK_SECONDS } from './risk.ts';

/** LayerZero and the risk contracts of one chain, as planned. */
export interface Messaging {
  readonly layerZero: DevnetLayerZero;
  readonly risk: DevnetRisk;
  /** Its transactions; more can be added. */
  readonly plan: DeploymentPlan;
}

/** Plans all chains together, because each names contracts of the others. The first is the hub. */
export function planMessaging(
  chains: readonly { readonly profile: DevnetProfile; readonly accounts: DevnetAccounts }[],
  lines: readonly RiskLine[],
  confirmations: number,
  timeLockSeconds = TIME_LOCK_SECONDS,
): readonly Messaging[] {
  const eids = chains.map(({ profile }) => profile.endpointId);
  const planned = chains.map(({ profile, accounts }, index): Messaging => {
    const plan = new DeploymentPlan(accounts.messaging);
    const peers = eids.filter((eid) => eid !== profile.endpointId);
    const layerZero = planLayerZero(plan, profile.endpointId, peers, confirmations, accounts);
    return { layerZero, risk: planRisk(plan, layerZero.endpoint, index === 0, lines, timeLockSeconds), plan };
  });
  for (const own of planned) {
    const others = planned
      .filter((other) => other !== own)
      .map(({ layerZero, risk }) => ({ eid: layerZero.eid, risk }));
    planPeers(own.plan, own.risk, others);
  }
  return planned;
}

/** The gateway's bounds on the hub: approved and scheduled at `now`, in force once the time lock is over. */
export async function planBounds(
  risk: DevnetRisk,
  chainId: number,
  now: number,
): Promise<{ schedule: readonly DevnetTransaction[]; execute: readonly DevnetTransaction[] }> {
  const { hub, owner, lines } = risk;
  if (hub === null) return { schedule: [], execute: [] };
  const { abi } = riskArtifact('RiskHub');
  const signers = approverAccounts().slice(0, APPROVAL_THRESHOLD);
  const validUntil = BigInt(now + 10 * TIME_LOCK_SECONDS);
  const decisions = lines.map(({ market, updateType, gatewayMin, gatewayMax }): BoundsDecision => {
    return {
      market: marketAddress(market),
      updateType,
      minValue: gatewayMin,
      maxValue: gatewayMax,
      nonce: 0n,
      validUntil,
    };
  });
  const signatures = await Promise.all(
    decisions.map((decision) => signDecision(signers, chainId, hub, 'Bounds', decision)),
  );
  const call = (functionName: string, args: readonly unknown[]): DevnetTransaction => ({
    label: `RiskHub.${functionName}`,
    from: owner,
    to: hub,
    data: encode(abi, functionName, args),
    abi,
  });
  return {
    schedule: decisions.map((decision, index) => call('scheduleBounds', [decision, signatures[index]])),
    execute: decisions.map((decision) => call('executeBounds', [decision])),
  };
}

function encode(abi: Abi, functionName: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi, functionName, args });
}
