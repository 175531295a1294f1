import { Options, PacketV1Codec } from '@layerzerolabs/lz-v2-utilities';
import { type Address, decodeEventLog, getAddress, type Hex, size } from 'viem';
import { InvalidInputError } from '../../risk/errors.ts';
import { endpointAbi } from './abi.ts';

/** Version, nonce, endpoint id and address of both ends, and the guid. */
const SHORTEST_PACKET_BYTES = 113;

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

/** @throws InvalidInputError when the log is not a PacketSent event with a packet of version 1. */
export function decodePacketSent(log: EventLog): LayerZeroPacket {
  const args = packetSentArguments(log);
  const codec = PacketV1Codec.from(args.encodedPayload);
  if (size(args.encodedPayload) < SHORTEST_PACKET_BYTES || codec.version() !== 1) {
    throw new InvalidInputError('packet', 'is no LayerZero packet of version 1');
  }
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

function packetSentArguments(log: EventLog) {
  try {
    const { args } = decodeEventLog({
      abi: endpointAbi,
      eventName: 'PacketSent',
      topics: log.topics as [Hex, ...Hex[]],
      data: log.data,
    });
    return args;
  } catch {
    throw new InvalidInputError('log', 'is no PacketSent event');
  }
}

export function originOf(packet: LayerZeroPacket) {
  return { srcEid: packet.srcEid, sender: packet.sender, nonce: packet.nonce };
}
