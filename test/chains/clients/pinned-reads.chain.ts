import { type Abi, decodeFunctionResult, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { ChainUnavailableError } from '../../../chains/clients/errors.ts';
import type { ReadCall } from '../../../chains/clients/ports.ts';
import { encodeAggregate, encodeCall } from '../../../chains/clients/read-codec.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { createRpc } from '../../../chains/devnet/rpc.ts';
import type { ChainReader as PortOfOracles } from '../../../oracles/sources/ports.ts';
import {
  fluxAbi,
  poolAbi,
  proxyAbi,
  type Round,
  START,
  startTestDevnet,
  type TestDevnet,
} from '../support/local-chains.ts';

let devnet: TestDevnet;
let nowSeconds = START;
/** So long a time-out that a busy machine does not look like a dead endpoint. */
const options = { clock: { nowMs: () => nowSeconds * 1000 }, requestTimeoutMs: 30_000 };
beforeAll(async () => {
  devnet = await startTestDevnet();
});
afterAll(() => devnet?.stop());

const nextTime = () => {
  nowSeconds += 12;
  return nowSeconds;
};
const latest = (address: `0x${string}`): ReadCall => ({
  address,
  abi: proxyAbi,
  functionName: 'latestRoundData',
});
const rpcOf = (chain: TestDevnet['hub']) => createRpc(chain.definition.id, chain.definition.rpcUrls[0]!);

describe('a pinned view', () => {
  it('is what the sources of oracles/ ask for', async () => {
    const reader: PortOfOracles = createChainReader(devnet.hub.definition, options);
    const view = await reader.pin();
    expect(reader.chain).toBe('hub');
    expect([view.chain, view.blockNumber, view.blockTimeMs]).toEqual(['hub', 2n, START * 1000]);
    expect(await view.read([])).toEqual([]);
  });

  it('sees its block and nothing newer', async () => {
    const reader = createChainReader(devnet.hub.definition, options);
    const { proxy } = devnet.hub.chainlink.BTC!;
    const { pool } = devnet.hub.pools.BTC!;
    const calls: ReadCall[] = [
      latest(proxy),
      { address: pool, abi: poolAbi, functionName: 'slot0' },
      { address: pool, abi: poolAbi, functionName: 'observe', args: [[60, 0]] },
    ];
    const before = await reader.pin();
    const first = await before.read(calls);
    await devnet.hub.step({
      timestampSeconds: nextTime(),
      chainlink: [{ asset: 'BTC', price: 38_000 }],
      pools: [{ asset: 'BTC', targetPrice: 38_000 }],
    });
    expect(await before.read(calls)).toEqual(first);
    const after = await reader.pin();
    expect(after.blockNumber).toBe(before.blockNumber + 1n);
    expect(after.blockTimeMs).toBe(nowSeconds * 1000);
    const second = await after.read(calls);
    const answers = [first, second].map(([outcome]) => outcome?.ok && (outcome.value as Round)[1]);
    expect(answers).toEqual([3_700_000_000_000n, 3_800_000_000_000n]);
    expect(second[1]).not.toEqual(first[1]);
    expect(second[2]).not.toEqual(first[2]);
  });

  it('reads a feed that answers no contract', async () => {
    const { l2 } = devnet;
    const feed = l2.sequencerAggregator!;
    const call: ReadCall = { ...latest(feed), abi: builtArtifact('ArbitrumSequencerUptimeFeed').abi };
    const encoded = encodeCall(call);
    const data = encodeAggregate([{ target: feed, callData: encoded.ok ? encoded.data : '0x' }]);
    const answer = await rpcOf(l2).call('eth_call', { to: l2.definition.multicall3, data }, 'latest');
    const multicall = builtArtifact('Multicall3').abi as Abi;
    const aggregate = { abi: multicall, functionName: 'aggregate3', data: answer as Hex };
    expect(decodeFunctionResult(aggregate)).toMatchObject([{ success: false }]);

    const view = await createChainReader(l2.definition, options).pin();
    const [outcome, proxied] = await view.read([call, latest(l2.definition.sequencerUptimeFeed!)]);
    expect(outcome).toMatchObject({ ok: true, value: { 0: 1n, 1: 0n } });
    expect(proxied).toMatchObject({ ok: true, value: { 0: (1n << 64n) + 1n, 1: 0n } });
  });

  it('says of each failing call why, and answers the others', async () => {
    const view = await createChainReader(devnet.hub.definition, options).pin();
    const { proxy, aggregator } = devnet.hub.chainlink.ETH!;
    const { pool } = devnet.hub.pools.ETH!;
    const nowhere = '0x00000000000000000000000000000000000000aa';
    const outcomes = await view.read([
      { address: pool, abi: poolAbi, functionName: 'observe', args: [[86_400, 0]] },
      { address: aggregator, abi: fluxAbi, functionName: 'getRoundData', args: [77n] },
      { address: nowhere, abi: proxyAbi, functionName: 'decimals' },
      { address: proxy, abi: proxyAbi, functionName: 'noSuchFunction' },
      { address: proxy, abi: proxyAbi, functionName: 'getRoundData', args: ['x'] },
      { address: proxy, abi: poolAbi, functionName: 'slot0' },
      { address: proxy, abi: proxyAbi, functionName: 'decimals' },
    ]);
    expect(outcomes.slice(0, 3)).toEqual([
      { ok: false, error: 'observe reverted: OLD' },
      { ok: false, error: 'getRoundData reverted: No data present' },
      { ok: false, error: `decimals: no data; is a contract at ${nowhere}?` },
    ]);
    expect(outcomes.slice(3, 6).map(({ ok }) => ok)).toEqual([false, false, false]);
    expect(outcomes[6]).toEqual({ ok: true, value: 8 });
  });

  it('keeps the order over more calls than fit into one multicall', async () => {
    const view = await createChainReader(devnet.hub.definition, options).pin();
    const feeds = ['BTC', 'ETH', 'SOL', 'USDC'].map((asset) => devnet.hub.chainlink[asset]!.proxy);
    const calls = Array.from({ length: 250 }, (_, index): ReadCall => {
      return { address: feeds[index % 4]!, abi: proxyAbi, functionName: 'description' };
    });
    const values = (await view.read(calls)).map((outcome) => outcome.ok && outcome.value);
    const names = ['BTC / USD', 'ETH / USD', 'SOL / USD', 'USDC / USD'];
    expect(values).toEqual(calls.map((_, index) => names[index % 4]));
  });

  it('reads call by call where there is no Multicall3', async () => {
    const multicall3 = '0x00000000000000000000000000000000000000bb';
    const view = await createChainReader({ ...devnet.hub.definition, multicall3 }, options).pin();
    const [outcome] = await view.read([latest(devnet.hub.chainlink.USDC!.proxy)]);
    expect(outcome).toMatchObject({ ok: true, value: { 1: 100_010_000n } });
  });

  it('holds for thirty blocks more, and is refused when the node has dropped its state', async () => {
    const { hub } = devnet;
    const view = await createChainReader(hub.definition, options).pin();
    const calls = [latest(hub.chainlink.BTC!.proxy)];
    const first = await view.read(calls);
    for (let block = 0; block < 30; block += 1) await hub.step({ timestampSeconds: nextTime() });
    expect(await view.read(calls)).toEqual(first);
    for (let block = 0; block < 10; block += 1) await hub.step({ timestampSeconds: nextTime() });
    await expect(view.read(calls)).rejects.toBeInstanceOf(ChainUnavailableError);
  });

  it('is refused once its block was replaced by another', async () => {
    const rpc = rpcOf(devnet.l2);
    const snapshot = await rpc.call('evm_snapshot');
    await rpc.call('evm_mine', { timestamp: START + 50 });
    nowSeconds = START + 50;
    const view = await createChainReader(devnet.l2.definition, options).pin();
    const calls = [latest(devnet.l2.chainlink.BTC!.proxy)];
    expect((await view.read(calls))[0]?.ok).toBe(true);
    await rpc.call('evm_revert', snapshot);
    await rpc.call('evm_mine', { timestamp: START + 51 });
    const error = await view.read(calls).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ChainUnavailableError);
    expect((error as ChainUnavailableError).failures[0]?.reason).toBe(
      `block ${view.blockNumber} was replaced while it was read`,
    );
  });
});
