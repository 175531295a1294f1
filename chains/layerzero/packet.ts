import { Options, PacketV1Codec } from '@layerzerolabs/lz-v2-utilities';
import { type Address, decodeEventLog, getAddress, type Hex } from 'viem';
import { endpointAbi } from './abi.ts';

/** One message, as the endpoint that sent it reported it. */
export interface LayerZeroPacket {
  readonly guid: Hex;
  readonly srcEid: number;
  readonly dstEid: number;
  /** Counts from 1 per sender, destination and receiver. */
  readonly nonce: bigint;
  /** Left-padded to 32 bytes. */
  readonly sender: Hex;
  readonly receiver: Address;
  /** The 81 bytes that DVNs verify, with the hash of the rest. */
  readonly header: Hex;
  readonly payloadHash: Hex;
  readonly message: Hex;
  /** Gas and value that the options ask the executor for. */
  readonly gasLimit: bigint;
  readonly value: bigint;
  readonly sourceBlock: bigint;
  readonly sourceTransaction: Hex;
}

/** The part of an event log that is needed; numbers may be those of JSON-RPC or of viem. */
export interface EventLog {
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: Hex | bigint;
  readonly transactionHash: Hex;
}

/** @throws Error when the log is not a PacketSent event with a packet of version 1. */
export function decodePacketSent(log: EventLog): LayerZeroPacket {
  const { args } = decodeEventLog({
    abi: endpointAbi,
    eventName: 'PacketSent',
    topics: log.topics as [Hex, ...Hex[]],
    data: log.data,
  });
  const codec = PacketV1Codec.from(args.encodedPayload);
  if (codec.version() !== 1) throw new Error(`packet of version ${codec.version()}`);
  const receive = Options.fromOptions(args.options).decodeExecutorLzReceiveOption();
  return {
    guid: codec.guid() as Hex,
    srcEid: codec.srcEid(),
    dstEid: codec.dstEid(),
    nonce: BigInt(codec.nonce()),
    sender: codec.sender() as Hex,
    receiver: getAddress(codec.receiverAddressB20()),
    header: codec.header() as Hex,
    payloadHash: codec.payloadHash() as Hex,
    message: codec.message() as Hex,
    gasLimit: receive?.gas ?? 0n,
    value: receive?.value ?? 0n,
    sourceBlock: BigInt(log.blockNumber),
    sourceTransaction: log.transactionHash,
  };
}

export function originOf(packet: LayerZeroPacket) {
  return { srcEid: packet.srcEid, sender: packet.sender, nonce: packet.nonce };
}
