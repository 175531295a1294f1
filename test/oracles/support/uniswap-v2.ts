import { createRequire } from 'node:module';
import {
  type Abi,
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  parseAbi,
} from 'viem';
import { findAnvil } from '../../../chains/devnet/anvil/find-anvil.ts';
import { spawnAnvil } from '../../../chains/devnet/anvil/spawn-anvil.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';

const require = createRequire(import.meta.url);
const compiled = (contract: string) =>
  require(`@uniswap/v2-core/build/${contract}.json`) as { abi: Abi; bytecode: string };

const TOKEN_ABI = parseAbi(['function transfer(address to, uint256 amount) returns (bool)']);

/** A real Uniswap v2 pair of a base token (18 decimals) and a quote token (6) on an anvil of its own. */
export interface PairChain {
  readonly url: string;
  readonly pair: Address;
  readonly base: Address;
  readonly quote: Address;
  /** Adds liquidity in smallest units. */
  mint(baseAmount: bigint, quoteAmount: bigint): Promise<void>;
  /** Sells quote tokens into the pair. */
  buyBase(quoteIn: bigint, baseOut: bigint): Promise<void>;
  /** Mines one block at this time. */
  mineAt(seconds: number): Promise<bigint>;
  /** Time of the next transaction's block. */
  setTime(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startPairChain(startSeconds: number): Promise<PairChain> {
  const anvil = await spawnAnvil(findAnvil(), [
    '--port',
    '0',
    '--host',
    '127.0.0.1',
    '--timestamp',
    String(startSeconds),
  ]);
  const transport = http(`http://127.0.0.1:${anvil.port}`);
  const options = { transport, pollingInterval: 10, cacheTime: 0 };
  const reader = createPublicClient(options);
  const wallet = createWalletClient(options);
  const node = createTestClient({ ...options, mode: 'anvil' });
  const [account] = await wallet.getAddresses();
  const from = { account: account!, chain: null } as const;

  const mined = async (hash: Hex) => {
    const receipt = await reader.waitForTransactionReceipt({ hash });
    if (receipt.status !== 'success') throw new Error(`transaction ${hash} reverted`);
    return receipt;
  };
  const deploy = async (abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Address> =>
    (await mined(await wallet.deployContract({ ...from, abi, bytecode, args: [...args] }))).contractAddress!;
  const send = async (address: Address, abi: Abi, functionName: string, args: readonly unknown[]) =>
    mined(await wallet.writeContract({ ...from, address, abi, functionName, args: [...args] }));

  const token = builtArtifact('DevnetToken');
  const supply = 10n ** 30n;
  const base = await deploy(token.abi, token.bytecode, ['Base', 'BASE', 18, supply]);
  const quote = await deploy(token.abi, token.bytecode, ['Quote', 'QUOTE', 6, supply]);
  const factory = compiled('UniswapV2Factory');
  const factoryAddress = await deploy(factory.abi, `0x${factory.bytecode}`, [account]);
  await send(factoryAddress, factory.abi, 'createPair', [base, quote]);
  const pair = (await reader.readContract({
    address: factoryAddress,
    abi: factory.abi,
    functionName: 'getPair',
    args: [base, quote],
  })) as Address;
  const { abi: pairAbi } = compiled('UniswapV2Pair');
  const baseIsToken0 = BigInt(base) < BigInt(quote);

  return {
    url: `http://127.0.0.1:${anvil.port}`,
    pair,
    base,
    quote,
    async mint(baseAmount, quoteAmount) {
      await send(base, TOKEN_ABI, 'transfer', [pair, baseAmount]);
      await send(quote, TOKEN_ABI, 'transfer', [pair, quoteAmount]);
      await send(pair, pairAbi, 'mint', [account]);
    },
    async buyBase(quoteIn, baseOut) {
      await send(quote, TOKEN_ABI, 'transfer', [pair, quoteIn]);
      await send(pair, pairAbi, 'swap', [
        baseIsToken0 ? baseOut : 0n,
        baseIsToken0 ? 0n : baseOut,
        account,
        '0x',
      ]);
    },
    async mineAt(seconds) {
      await node.setNextBlockTimestamp({ timestamp: BigInt(seconds) });
      await node.mine({ blocks: 1 });
      return reader.getBlockNumber();
    },
    async setTime(seconds) {
      await node.setNextBlockTimestamp({ timestamp: BigInt(seconds) });
    },
    async stop() {
      await anvil.kill();
    },
  };
}
