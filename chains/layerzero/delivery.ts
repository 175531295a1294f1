import { type Address, type Hex, zeroHash } from 'viem';
import type { ReadCall, ReadOutcome } from '../clients/ports.ts';
import { endpointAbi } from './abi.ts';
import type { LayerZeroPacket } from './packet.ts';

/**
 * Where a message is on its destination chain: `sent` (the DVNs have not verified it), `verified` (it waits to be
 * executed, or its receiver refused it: anybody may execute it), `delivered`; `unknown` when a read failed.
 *
 * A delivery is that of the nonce. Should the sending chain replace the message after the DVNs have verified it, the
 * new one of the same nonce never arrives: whether a publication has arrived is told by RiskReceiver's sequence.
 */
export type DeliveryState = 'sent' | 'verified' | 'delivered' | 'unknown';

type Path = Pick<LayerZeroPacket, 'srcEid' | 'sender' | 'receiver' | 'nonce'>;

/** The two reads at the destination's endpoint from which `deliveryState` follows. */
export function deliveryCalls(endpoint: Address, packet: Path): readonly [ReadCall, ReadCall] {
  const { receiver, srcEid, sender, nonce } = packet;
  return [
    {
      address: endpoint,
      abi: endpointAbi,
      functionName: 'inboundPayloadHash',
      args: [receiver, srcEid, sender, nonce],
    },
    {
      address: endpoint,
      abi: endpointAbi,
      functionName: 'lazyInboundNonce',
      args: [receiver, srcEid, sender],
    },
  ];
}

/**
 * The endpoint keeps the hash of a verified message until it is executed, and a nonce up to which all were verified:
 * a message without a hash at or below that nonce has been executed.
 * @param outcomes of `deliveryCalls`, at one block.
 */
export function deliveryState(nonce: bigint, outcomes: readonly ReadOutcome[]): DeliveryState {
  const [hash, lazyNonce] = outcomes;
  if (!hash?.ok || !lazyNonce?.ok) return 'unknown';
  if ((hash.value as Hex) !== zeroHash) return 'verified';
  return nonce <= (lazyNonce.value as bigint) ? 'delivered' : 'sent';
}
