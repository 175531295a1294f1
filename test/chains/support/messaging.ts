import {
  type Abi,
  type Address,
  type ContractFunctionName,
  createPublicClient,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hex,
  http,
  type LocalAccount,
  type TransactionReceipt,
} from 'viem';
import { riskHubAbi } from '../../../chains/contracts/abi.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { gatewayAccount } from '../../../chains/devnet/keys.ts';
import { type MessagingOptions, startDevnet } from '../../../chains/devnet/start-devnet.ts';
import type { Devnet, DevnetChain, DevnetLayerZero, DevnetRisk } from '../../../chains/devnet/types.ts';
import { PRICES, START } from './local-chains.ts';

export const WAD = 10n ** 18n;
export const BTC = marketAddress('BTC-PERP');
export const RATE = 'initialMarginRate';

/** A chain with LayerZero and the risk contracts for certain. */
export interface RiskChain {
  readonly chain: DevnetChain;
  readonly layerZero: DevnetLayerZero;
  readonly risk: DevnetRisk;
}

export interface RiskDevnet extends Devnet {
  readonly all: readonly RiskChain[];
  readonly hub: RiskChain;
  /** The chains that receive. */
  readonly others: readonly RiskChain[];
}

export async function startRiskDevnet(
  chains: readonly string[],
  layerZero: MessagingOptions = {},
): Promise<RiskDevnet> {
  const devnet = await startDevnet({ startTimeSeconds: START, prices: PRICES, chains, layerZero });
  const all = devnet.chains.map((chain) => ({ chain, layerZero: chain.layerZero!, risk: chain.risk! }));
  const [hub, ...others] = all;
  return { ...devnet, all, hub: hub!, others };
}

export function clientOf(chain: DevnetChain) {
  return createPublicClient({ transport: http(chain.definition.rpcUrls[0]), cacheTime: 0 });
}

/** Reads at the head, in types. */
export async function read<const A extends Abi, Name extends ContractFunctionName<A, 'view' | 'pure'>>(
  chain: DevnetChain,
  address: Address,
  abi: A,
  functionName: Name,
  args: readonly unknown[] = [],
): Promise<unknown> {
  return clientOf(chain).readContract({ address, abi: abi as Abi, functionName, args });
}

/** A call that must revert; resolves to the name of the error and its arguments. */
export async function refusal(
  chain: DevnetChain,
  call: {
    from?: Address;
    to: Address;
    abi: Abi;
    functionName: string;
    args?: readonly unknown[];
    value?: bigint;
  },
): Promise<readonly [string, readonly unknown[]]> {
  const { from, to, abi, functionName, args = [], value = 0n } = call;
  try {
    await clientOf(chain).simulateContract({
      account: from ?? '0x00000000000000000000000000000000000000aa',
      address: to,
      abi,
      functionName,
      args,
      value,
    });
  } catch (error) {
    const found = (error as { walk: (is: (cause: unknown) => boolean) => unknown }).walk(
      (cause) => (cause as { data?: unknown }).data !== undefined,
    ) as { data?: { errorName: string; args?: readonly unknown[] }; raw?: Hex } | null;
    if (found?.data?.errorName) return [found.data.errorName, found.data.args ?? []];
    throw error;
  }
  throw new Error(`${functionName} did not revert`);
}

/** Signs with a local key, as a real sender does, mines one block and returns the receipt, reverted or not. */
export async function sendAs(
  chain: DevnetChain,
  account: LocalAccount,
  call: { to: Address; abi: Abi; functionName: string; args?: readonly unknown[]; value?: bigint },
): Promise<TransactionReceipt> {
  const hash = await broadcast(chain, account, call);
  await chain.transact();
  return clientOf(chain).getTransactionReceipt({ hash });
}

/** The same without mining. */
export async function broadcast(
  chain: DevnetChain,
  account: LocalAccount,
  call: { to: Address; abi: Abi; functionName: string; args?: readonly unknown[]; value?: bigint },
): Promise<Hex> {
  const client = clientOf(chain);
  const { to, abi, functionName, args = [], value = 0n } = call;
  const serializedTransaction = await account.signTransaction({
    type: 'eip1559',
    chainId: chain.definition.chainId,
    nonce: await client.getTransactionCount({ address: account.address }),
    to,
    data: encodeFunctionData({ abi, functionName, args }),
    value,
    gas: 10_000_000n,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
  });
  return client.sendRawTransaction({ serializedTransaction });
}

/** Deploys from an unlocked account; resolves to the address. */
export async function deploy(
  chain: DevnetChain,
  from: Address,
  artifact: { readonly abi: Abi; readonly bytecode: Hex },
  args: readonly unknown[] = [],
): Promise<Address> {
  const client = clientOf(chain);
  const { abi, bytecode } = artifact;
  const data = encodeDeployData({ abi, bytecode, args });
  const { blockNumber } = await chain.transact([{ label: 'create', from, to: null, data, abi }]);
  const block = await client.getBlock({ blockNumber });
  const receipts = await Promise.all(
    block.transactions.map((hash) => client.getTransactionReceipt({ hash })),
  );
  return getAddress(receipts.find(({ contractAddress }) => contractAddress != null)!.contractAddress!);
}

/** From an unlocked account. */
export async function owned(
  chain: DevnetChain,
  from: Address,
  to: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<void> {
  const data = encodeFunctionData({ abi, functionName, args });
  await chain.transact([{ label: functionName, from, to, data, abi }]);
}

export interface DraftInput {
  readonly market?: Address;
  readonly updateType?: string;
  readonly value: bigint;
  readonly sequence: bigint;
  readonly referenceId?: string;
}

export function draft({ market = BTC, updateType = RATE, value, sequence, referenceId = 'r' }: DraftInput) {
  return { market, updateType, value, sequence, referenceId, extra: '0x' as Hex };
}

/** Publishes as the gateway does: quotes the fee and sends it. */
export async function publish(hub: RiskChain, inputs: readonly DraftInput[]): Promise<TransactionReceipt> {
  const drafts = inputs.map(draft);
  const to = hub.risk.hub!;
  const [fee] = (await read(hub.chain, to, riskHubAbi, 'quote', [drafts])) as readonly [bigint];
  return sendAs(hub.chain, gatewayAccount(), {
    to,
    abi: riskHubAbi,
    functionName: 'publish',
    args: [drafts],
    value: fee,
  });
}

/** Sends the call if a simulation of it succeeds; resolves to the name of the error if it does not. */
export async function attempt(
  chain: DevnetChain,
  account: LocalAccount,
  call: Omit<Parameters<typeof refusal>[1], 'from'>,
): Promise<string | null> {
  const error = await refusal(chain, { ...call, from: account.address }).catch((caught: Error) => {
    if (caught.message.endsWith('did not revert')) return null;
    throw caught;
  });
  if (error !== null) return error[0];
  const { status } = await sendAs(chain, account, call);
  return status === 'success' ? null : `${call.functionName} reverted although its simulation did not`;
}
