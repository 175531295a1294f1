import {
  type Abi,
  type Address,
  decodeFunctionResult,
  encodeEventTopics,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
} from 'viem';
import { DevnetNodeError } from '../devnet/errors.ts';
import { createRpc, type Rpc } from '../devnet/rpc.ts';
import type { DevnetChain, DevnetLayerZero } from '../devnet/types.ts';
import { endpointAbi, receiveLibraryAbi } from './abi.ts';
import { type DeliveryState, deliveryCalls, deliveryState } from './delivery.ts';
import { decodePacketSent, type EventLog, type LayerZeroPacket } from './packet.ts';

const [PACKET_SENT] = encodeEventTopics({ abi: endpointAbi, eventName: 'PacketSent' });

export interface Head {
  readonly number: bigint;
  readonly hash: Hex;
  readonly timestamp: bigint;
  /** Transactions that wait for a block. */
  readonly waiting: number;
}

/** Where a packet is on its way, and which DVNs, by position, have verified it. */
export interface Progress {
  readonly state: DeliveryState;
  readonly verifiedBy: readonly boolean[];
  /** All messages of the path up to this nonce have been verified; only those can be executed. */
  readonly inboundNonce: bigint;
}

/** What the workers read of one local chain. */
export class WorkerChain {
  readonly chain: DevnetChain;
  readonly layerZero: DevnetLayerZero;
  readonly #rpc: Rpc;

  constructor(chain: DevnetChain, layerZero: DevnetLayerZero) {
    this.chain = chain;
    this.layerZero = layerZero;
    this.#rpc = createRpc(chain.definition.id, chain.definition.rpcUrls[0]!);
  }

  async head(): Promise<Head> {
    const [block, pool] = await this.#results([
      { method: 'eth_getBlockByNumber', params: ['latest', false] },
      { method: 'txpool_status', params: [] },
    ]);
    const { number, hash, timestamp } = block as Record<'number' | 'hash' | 'timestamp', Hex>;
    const { pending } = pool as { readonly pending: Hex };
    return { number: BigInt(number), hash, timestamp: BigInt(timestamp), waiting: Number(pending) };
  }

  /** Whether the chain still holds a block that was its head. */
  async holds(head: Head): Promise<boolean> {
    const [block] = await this.#results([
      { method: 'eth_getBlockByNumber', params: [numberToHex(head.number), false] },
    ]);
    return (block as { readonly hash: Hex } | null)?.hash === head.hash;
  }

  async packetsSent(fromBlock: bigint, toBlock: bigint): Promise<readonly LayerZeroPacket[]> {
    const filter = {
      address: this.layerZero.endpoint,
      topics: [PACKET_SENT],
      fromBlock: numberToHex(fromBlock),
      toBlock: numberToHex(toBlock),
    };
    const [logs] = await this.#results([{ method: 'eth_getLogs', params: [filter] }]);
    return (logs as readonly EventLog[]).map(decodePacketSent);
  }

  /** @param packet a message to this chain. */
  async progress(packet: LayerZeroPacket): Promise<Progress> {
    const { endpoint, receiveLibrary, dvns } = this.layerZero;
    const { receiver, srcEid, sender, payloadHash } = packet;
    const headerHash = keccak256(packet.header);
    const reads = [
      ...deliveryCalls(endpoint, packet),
      call(endpoint, endpointAbi, 'inboundNonce', [receiver, srcEid, sender]),
      ...dvns.map(({ address }) =>
        call(receiveLibrary, receiveLibraryAbi, 'hashLookup', [headerHash, payloadHash, address]),
      ),
    ];
    const results = await this.#results(
      reads.map(({ address, abi, functionName, args = [] }) => ({
        method: 'eth_call',
        params: [{ to: address, data: encodeFunctionData({ abi, functionName, args }) }, 'latest'],
      })),
    );
    const [hash, lazyNonce, inboundNonce, ...lookups] = results.map((data, index): unknown =>
      decodeFunctionResult({ ...reads[index]!, data: data as Hex }),
    );
    return {
      state: deliveryState(packet.nonce, [
        { ok: true, value: hash },
        { ok: true, value: lazyNonce },
      ]),
      inboundNonce: inboundNonce as bigint,
      verifiedBy: lookups.map((lookup) => (lookup as readonly [boolean, bigint])[0]),
    };
  }

  async #results(requests: readonly { method: string; params: readonly unknown[] }[]): Promise<unknown[]> {
    const replies = await this.#rpc.batch(requests);
    return replies.map((reply, index) => {
      if (!reply.ok)
        throw new DevnetNodeError(this.chain.definition.id, `${requests[index]!.method}: ${reply.error}`);
      return reply.result;
    });
  }
}

function call(address: Address, abi: Abi, functionName: string, args: readonly unknown[]) {
  return { address, abi, functionName, args };
}
