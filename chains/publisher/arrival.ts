import type { Hex } from 'viem';
import { riskReceiverAbi } from '../contracts/abi.ts';
import { endpointAbi } from '../layerzero/abi.ts';
import { type DeliveryState, deliveryCalls, deliveryState } from '../layerzero/delivery.ts';
import type { LayerZeroPacket } from '../layerzero/packet.ts';
import { type HubLine, latestUpdate } from './hub.ts';
import type { PublisherChain } from './publisher-chain.ts';
import type { ContractCall } from './sender.ts';

/** What RiskOracle of a chain answers for a line. */
export interface LineOnChain {
  /** Of the newest update there; 0 before the first. */
  readonly sequence: bigint;
  readonly referenceId: string | null;
  /** Head before it was read. */
  readonly head: bigint;
}

/** @throws ChainUnavailableError */
export async function readArrival(chain: PublisherChain, line: HubLine): Promise<LineOnChain> {
  const head = await chain.use((client) => client.getBlockNumber());
  const { oracle, receiver } = chain.definition.risk!;
  const latest = await latestUpdate(chain, oracle, line);
  if (receiver === null) {
    return { sequence: latest?.sequence ?? 0n, referenceId: latest?.referenceId ?? null, head };
  }
  // The receiver's count cannot be changed by another sender of the oracle; the oracle tells what readers get.
  const received = await chain.use((client) =>
    client.readContract({
      address: receiver,
      abi: riskReceiverAbi,
      functionName: 'lastSequenceOf',
      args: [line.market, line.updateType],
    }),
  );
  const answered = latest?.sequence ?? 0n;
  const sequence = received < answered ? received : answered;
  return { sequence, referenceId: latest?.referenceId ?? null, head };
}

/** Where a message is on the chain that it goes to. */
export async function messageState(chain: PublisherChain, packet: LayerZeroPacket): Promise<DeliveryState> {
  const calls = deliveryCalls(chain.definition.layerZero!.endpoint, packet);
  const outcomes = await Promise.all(
    calls.map(async ({ address, abi, functionName, args = [] }) => ({
      ok: true as const,
      value: await chain.use((client) => client.readContract({ address, abi, functionName, args })),
    })),
  );
  return deliveryState(packet.nonce, outcomes);
}

/** Executes a verified message without LayerZero's executor, as anybody may. */
export function deliverCall(
  publication: string,
  chain: PublisherChain,
  packet: LayerZeroPacket,
): ContractCall {
  const { srcEid, sender, nonce, receiver, guid, message, value } = packet;
  return {
    publication,
    step: `deliver ${chain.id}`,
    to: chain.definition.layerZero!.endpoint,
    abi: endpointAbi,
    functionName: 'lzReceive',
    args: [{ srcEid, sender, nonce }, receiver, guid, message, '0x' satisfies Hex],
    value,
  };
}
