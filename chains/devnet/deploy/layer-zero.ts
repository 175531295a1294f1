import { type Address, zeroAddress } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { type LayerZeroContract, layerZeroArtifact } from '../artifacts.ts';
import { DVN_QUORUM, dvnSignerAccounts } from '../keys.ts';
import type { DevnetDvn, DevnetLayerZero } from '../types.ts';
import type { DeploymentPlan } from './plan.ts';

/** Gas prices and prices of the native tokens are alike on all local chains: 1 gwei, 3000 US dollars. */
const PRICE_DENOMINATOR = 10n ** 20n;
const GAS_PRICE_WEI = 10n ** 9n;
const GAS_PER_BYTE = 16;
const NATIVE_PRICE_USD = 3000n * PRICE_DENOMINATOR;
const MULTIPLIER_BPS = 12_000;
/** Gas that a DVN and the executor charge for, besides what the message's options ask for. */
const DVN_GAS = 200_000n;
const EXECUTOR_BASE_GAS = 100_000n;
const NATIVE_CAP = 10n ** 18n;
/** Gas that the send library grants the treasury, and the fee at which it caps what the treasury may ask. */
const TREASURY_GAS_LIMIT = 1_000_000n;
const TREASURY_GAS_FOR_FEE_CAP = 100_000n;
const MAX_MESSAGE_BYTES = 10_000;
/** Endpoint ids of version 2 are those of version 1 plus this; price feeds and DVNs count in version 1. */
const EID_OFFSET = 30_000;

/**
 * LayerZero v2 as it stands on real chains: endpoint, send and receive library, two DVNs that must both verify, each
 * by two of three signers, executor, fee libraries, price feed and treasury; wired to the peers' endpoint ids.
 */
export function planLayerZero(
  plan: DeploymentPlan,
  eid: number,
  peers: readonly number[],
  confirmations: number,
  accounts: DevnetAccounts,
): DevnetLayerZero {
  const owner = plan.sender;
  const create = (contract: LayerZeroContract, args: readonly unknown[] = []) =>
    plan.create(contract, layerZeroArtifact(contract), args);
  const call = (contract: LayerZeroContract, to: Address, name: string, args: readonly unknown[]) =>
    plan.call(contract, to, layerZeroArtifact(contract).abi, name, args);

  const endpoint = create('EndpointV2', [eid, owner]);
  const sendLibrary = create('SendUln302', [endpoint, TREASURY_GAS_LIMIT, TREASURY_GAS_FOR_FEE_CAP]);
  const receiveLibrary = create('ReceiveUln302', [endpoint]);
  const treasury = create('Treasury');
  const priceFeed = create('PriceFeed');
  const executorFeeLib = create('ExecutorFeeLib', [eid, 10n ** 18n]);
  const executor = create('Executor');
  const dvnFeeLib = create('DVNFeeLib', [eid, 10n ** 18n]);
  const dvns = accounts.dvns.map((admin, index): DevnetDvn => {
    const vid = (eid % EID_OFFSET) + index * EID_OFFSET;
    const signers = dvnSignerAccounts(index).map(({ address }) => address);
    const address = create('DVN', [eid, vid, [sendLibrary], priceFeed, signers, DVN_QUORUM, [admin, owner]]);
    return { address, vid, admin, signers, quorum: DVN_QUORUM };
  });

  call('EndpointV2', endpoint, 'registerLibrary', [sendLibrary]);
  call('EndpointV2', endpoint, 'registerLibrary', [receiveLibrary]);
  call('SendUln302', sendLibrary, 'setTreasury', [treasury]);
  call('PriceFeed', priceFeed, 'initialize', [owner]);
  const price = { priceRatio: PRICE_DENOMINATOR, gasPriceInUnit: GAS_PRICE_WEI, gasPerByte: GAS_PER_BYTE };
  const priced = peers.flatMap((peer) => [peer, peer % EID_OFFSET]);
  call('PriceFeed', priceFeed, 'setPrice', [priced.map((id) => ({ eid: id, price }))]);
  call('PriceFeed', priceFeed, 'setNativeTokenPriceUSD', [NATIVE_PRICE_USD]);
  const admins = [accounts.executor, owner];
  call('Executor', executor, 'initialize', [endpoint, zeroAddress, [sendLibrary], priceFeed, owner, admins]);
  call('Executor', executor, 'setWorkerFeeLib', [executorFeeLib]);
  const executorConfigs = peers.map((dstEid) => ({
    dstEid,
    lzReceiveBaseGas: EXECUTOR_BASE_GAS,
    lzComposeBaseGas: 0n,
    multiplierBps: MULTIPLIER_BPS,
    floorMarginUSD: 0n,
    nativeCap: NATIVE_CAP,
  }));
  call('Executor', executor, 'setDstConfig', [executorConfigs]);
  const dvnConfigs = peers.map((dstEid) => {
    return { dstEid, gas: DVN_GAS, multiplierBps: MULTIPLIER_BPS, floorMarginUSD: 0n };
  });
  for (const { address } of dvns) {
    call('DVN', address, 'setWorkerFeeLib', [dvnFeeLib]);
    call('DVN', address, 'setDstConfig', [dvnConfigs]);
  }
  const config = ulnConfig(dvns, confirmations);
  const ulnConfigs = peers.map((peer) => ({ eid: peer, config }));
  call('SendUln302', sendLibrary, 'setDefaultExecutorConfigs', [
    peers.map((peer) => ({ eid: peer, config: { maxMessageSize: MAX_MESSAGE_BYTES, executor } })),
  ]);
  call('SendUln302', sendLibrary, 'setDefaultUlnConfigs', [ulnConfigs]);
  call('ReceiveUln302', receiveLibrary, 'setDefaultUlnConfigs', [ulnConfigs]);
  for (const peer of peers) {
    call('EndpointV2', endpoint, 'setDefaultSendLibrary', [peer, sendLibrary]);
    call('EndpointV2', endpoint, 'setDefaultReceiveLibrary', [peer, receiveLibrary, 0n]);
  }
  return {
    eid,
    endpoint,
    sendLibrary,
    receiveLibrary,
    treasury,
    priceFeed,
    executor,
    executorAdmin: accounts.executor,
    dvns,
    confirmations,
  };
}

/** All DVNs are required; the library takes them in the order of their addresses. */
function ulnConfig(dvns: readonly DevnetDvn[], confirmations: number) {
  const requiredDVNs = dvns
    .map(({ address }) => address)
    .sort((left, right) => (BigInt(left) < BigInt(right) ? -1 : 1));
  return {
    confirmations: BigInt(confirmations),
    requiredDVNCount: requiredDVNs.length,
    optionalDVNCount: 0,
    optionalDVNThreshold: 0,
    requiredDVNs,
    optionalDVNs: [],
  };
}
