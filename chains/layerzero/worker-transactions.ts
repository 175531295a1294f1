import { type Abi, type Address, encodeFunctionData, type LocalAccount } from 'viem';
import type { DevnetDvn, DevnetLayerZero, DevnetTransaction } from '../devnet/types.ts';
import { dvnAbi, endpointAbi, executorAbi, receiveLibraryAbi } from './abi.ts';
import { signDvnInstruction } from './dvn-signature.ts';
import { type LayerZeroPacket, originOf } from './packet.ts';

/** Seconds of the destination chain for which a DVN's signatures hold. */
const SIGNED_FOR_SECONDS = 86_400n;

/** A DVN attests that it has seen the packet; `signers` sign, of which the DVN needs a quorum. */
export async function verifyTransaction(
  packet: LayerZeroPacket,
  chain: DevnetLayerZero,
  dvn: DevnetDvn,
  signers: readonly LocalAccount[],
  headSeconds: bigint,
): Promise<DevnetTransaction> {
  const instruction = {
    vid: dvn.vid,
    target: chain.receiveLibrary,
    callData: encodeFunctionData({
      abi: receiveLibraryAbi,
      functionName: 'verify',
      args: [packet.header, packet.payloadHash, BigInt(chain.confirmations)],
    }),
    expiration: headSeconds + SIGNED_FOR_SECONDS,
  };
  const signatures = await signDvnInstruction(instruction, signers, dvn.quorum);
  return transaction('DVN.execute', dvn.admin, dvn.address, dvnAbi, 'execute', [
    [{ ...instruction, signatures }],
  ]);
}

/** Hands a message that all DVNs have verified to the endpoint; anybody may. */
export function commitTransaction(
  packet: LayerZeroPacket,
  chain: DevnetLayerZero,
  from: Address,
): DevnetTransaction {
  const args = [packet.header, packet.payloadHash];
  const { receiveLibrary } = chain;
  return transaction(
    'commitVerification',
    from,
    receiveLibrary,
    receiveLibraryAbi,
    'commitVerification',
    args,
  );
}

/** Executes a committed message as the executor does: a receiver that reverts leaves an LzReceiveAlert. */
export function executeTransaction(packet: LayerZeroPacket, chain: DevnetLayerZero): DevnetTransaction {
  const params = {
    receiver: packet.receiver,
    origin: originOf(packet),
    guid: packet.guid,
    message: packet.message,
    extraData: '0x',
    gasLimit: packet.gasLimit,
  };
  const { executor, executorAdmin } = chain;
  return {
    ...transaction('Executor.execute302', executorAdmin, executor, executorAbi, 'execute302', [params]),
    value: packet.value,
  };
}

/** Executes a committed message without the executor, as anybody may. */
export function retryTransaction(
  packet: LayerZeroPacket,
  endpoint: Address,
  from: Address,
  receiverAbi: Abi = [],
): DevnetTransaction {
  const args = [originOf(packet), packet.receiver, packet.guid, packet.message, '0x'];
  const abi = [...endpointAbi, ...receiverAbi];
  return { ...transaction('lzReceive', from, endpoint, abi, 'lzReceive', args), value: packet.value };
}

function transaction(
  label: string,
  from: Address,
  to: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[],
): DevnetTransaction {
  return { label, from, to, abi, data: encodeFunctionData({ abi, functionName, args }) };
}
