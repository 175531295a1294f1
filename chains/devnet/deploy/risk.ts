import { type Address, pad } from 'viem';
import { riskArtifact } from '../../contracts/artifact.ts';
import { marketAddress, nameToBytes32 } from '../../contracts/market-address.ts';
import { tokenOf } from '../assets.ts';
import {
  APPROVAL_THRESHOLD,
  approverAccounts,
  attesterAccount,
  gatewayAccount,
  guardianAccount,
} from '../keys.ts';
import type { DevnetRisk, RiskLine } from '../types.ts';
import type { DeploymentPlan } from './plan.ts';

/** Seconds between the approval of a decision on the hub and its effect. */
export const TIME_LOCK_SECONDS = 3600;
/** Of the example consumer: it takes updates that are at most a day old, each hour, of at most half the value. */
const CONSUMER = { maxAgeSeconds: 86_400n, minDelaySeconds: 3600n, maxChangeBps: 5000n };

/**
 * Breakwater's contracts of one chain: oracle with its bounds, hub or receiver, attestation verifier, a venue, and a
 * consumer that follows the first line.
 */
export function planRisk(
  plan: DeploymentPlan,
  endpoint: Address,
  isHub: boolean,
  lines: readonly RiskLine[],
  timeLockSeconds = TIME_LOCK_SECONDS,
): DevnetRisk {
  const owner = plan.sender;
  const types = [...new Set(lines.map(({ updateType }) => updateType))];
  const oracleArtifact = riskArtifact('RiskOracle');
  const oracle = plan.create('RiskOracle', oracleArtifact, ['Breakwater local chain', [], types]);
  for (const { market, updateType, min, max } of lines) {
    const args = [updateType, marketAddress(market), min, max];
    plan.call('RiskOracle', oracle, oracleArtifact.abi, 'setBounds', args);
  }
  const writer = isHub
    ? plan.create('RiskHub', riskArtifact('RiskHub'), [
        endpoint,
        oracle,
        owner,
        gatewayAccount().address,
        approverAccounts().map(({ address }) => address),
        APPROVAL_THRESHOLD,
        guardianAccount().address,
        timeLockSeconds,
      ])
    : plan.create('RiskReceiver', riskArtifact('RiskReceiver'), [endpoint, oracle, owner]);
  plan.call('RiskOracle', oracle, oracleArtifact.abi, 'addAuthorizedSender', [writer]);
  const verifier = plan.create('RiskAttestationVerifier', riskArtifact('RiskAttestationVerifier'), [
    owner,
    [attesterAccount().address],
  ]);
  const venue = plan.create('ExampleVenue', riskArtifact('ExampleVenue'), [owner, verifier]);
  const [first] = lines;
  const consumer =
    first === undefined
      ? null
      : plan.create('RiskConsumer', riskArtifact('RiskConsumer'), [
          oracle,
          marketAddress(first.market),
          first.updateType,
          first.initial,
          CONSUMER.maxAgeSeconds,
          CONSUMER.minDelaySeconds,
          CONSUMER.maxChangeBps,
        ]);
  return {
    owner,
    oracle,
    hub: isHub ? writer : null,
    receiver: isHub ? null : writer,
    verifier,
    venue,
    consumer,
    lines,
  };
}

/** Hub and receivers know each other; the hub publishes to every other chain. */
export function planPeers(
  plan: DeploymentPlan,
  own: DevnetRisk,
  others: readonly { readonly eid: number; readonly risk: DevnetRisk }[],
): void {
  const writer = own.hub ?? own.receiver!;
  const { abi } = riskArtifact(own.hub === null ? 'RiskReceiver' : 'RiskHub');
  const peers = others.filter(({ risk }) => (risk.hub === null) !== (own.hub === null));
  for (const { eid, risk } of peers) {
    plan.call('OApp', writer, abi, 'setPeer', [eid, pad(risk.hub ?? risk.receiver!)]);
  }
  if (own.hub !== null) plan.call('RiskHub', writer, abi, 'setDestinations', [peers.map(({ eid }) => eid)]);
}

/** The venue takes the tokens of the chain's pools as collateral. */
export function planVenueAssets(
  plan: DeploymentPlan,
  venue: Address,
  tokens: Readonly<Record<string, Address>>,
): void {
  const { abi } = riskArtifact('ExampleVenue');
  for (const [asset, token] of Object.entries(tokens)) {
    plan.call('ExampleVenue', venue, abi, 'listAsset', [
      nameToBytes32(asset, 'asset'),
      token,
      tokenOf(asset).decimals,
    ]);
  }
}
