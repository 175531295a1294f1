import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { DevnetNodeError } from '../../../chains/devnet/errors.ts';
import { DEPLOYED_BEFORE_SECONDS, startDevnet } from '../../../chains/devnet/start-devnet.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import {
  isAlive,
  PRICES,
  proxyAbi,
  type Round,
  readContract,
  START,
  startTestDevnet,
  type TestDevnet,
} from '../support/local-chains.ts';

let devnet: TestDevnet | undefined;
let holder: ChildProcess | undefined;
afterEach(async () => {
  await devnet?.stop();
  devnet = undefined;
  if (holder?.exitCode === null) holder.kill('SIGKILL');
  holder = undefined;
});

const latestRound = (running: TestDevnet) =>
  readContract<Round>(running.hub, running.hub.chainlink.BTC!.proxy, proxyAbi, 'latestRoundData');

async function waitUntilGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await sleep(20);
}

describe('the local chains as processes', () => {
  it('are two chains with ids and addresses of their own, at the time asked for', async () => {
    devnet = await startTestDevnet();
    expect(devnet.chains.map(({ definition }) => [definition.id, definition.chainId])).toEqual([
      ['hub', 31337],
      ['l2', 31338],
    ]);
    const addresses = devnet.chains.map((chain) => [
      ...Object.values(chain.chainlink).flatMap((feed) => [feed.proxy, feed.aggregator]),
      ...Object.values(chain.pools).flatMap(({ pool, baseToken }) => [pool, baseToken]),
      chain.pyth.contract,
    ]);
    expect(addresses[0]!.filter((address) => addresses[1]!.includes(address))).toEqual([]);
    const multicall = builtArtifact('Multicall3').abi;
    for (const chain of devnet.chains) {
      const { multicall3 } = chain.definition;
      const time = await readContract<bigint>(chain, multicall3, multicall, 'getCurrentBlockTimestamp');
      expect(time).toBe(BigInt(START));
      const deployed = readContract<bigint>(chain, multicall3, multicall, 'getCurrentBlockTimestamp', [], 1n);
      expect(await deployed).toBe(BigInt(START - DEPLOYED_BEFORE_SECONDS + 1));
    }
  });

  it('mine one block per step, at its time and with nothing in between', async () => {
    devnet = await startTestDevnet();
    const { hub } = devnet;
    const blocks = await Promise.all(
      [1, 13, 14].map((after) => hub.step({ timestampSeconds: START + after, chainlink: [] })),
    );
    expect(blocks.map(({ blockNumber }) => blockNumber)).toEqual([3n, 4n, 5n]);
    await sleep(1200);
    const multicall = builtArtifact('Multicall3').abi;
    const read = (name: string) => readContract<bigint>(hub, hub.definition.multicall3, multicall, name);
    expect([await read('getBlockNumber'), await read('getCurrentBlockTimestamp')]).toEqual([
      5n,
      BigInt(START + 14),
    ]);
  });

  it('leave no process behind when stopped, even twice', async () => {
    const running = await startTestDevnet();
    const pids = running.chains.map((chain) => chain.pid!);
    expect(pids.every(isAlive)).toBe(true);
    await running.stop();
    await waitUntilGone(pids);
    expect(running.chains.map((chain) => chain.pid)).toEqual([null, null]);
    await running.stop();
  });

  it.skipIf(process.platform === 'win32')('end when the program that started them is killed', async () => {
    const script = join(import.meta.dirname, '..', 'support', 'hold-devnet.ts');
    holder = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(holder.stdout!, 'data')) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];
    expect(pids).toHaveLength(2);
    expect(pids.every(isAlive)).toBe(true);
    holder.kill('SIGKILL');
    await waitUntilGone(pids);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('come back after kill -9 on the same port with the state they had', async () => {
    devnet = await startTestDevnet();
    const { hub } = devnet;
    const step = { timestampSeconds: START + 12, chainlink: [{ asset: 'BTC', price: 37_500 }] };
    await hub.step(step);
    const round = await latestRound(devnet);
    const [url] = hub.definition.rpcUrls;
    await hub.kill();
    expect(hub.pid).toBeNull();
    const refused = await hub.step({ timestampSeconds: START + 24 }).catch((caught: unknown) => caught);
    expect(refused).toBeInstanceOf(DevnetNodeError);
    await expect(hub.kill()).rejects.toThrow('the node is down');
    await hub.restart();
    expect(hub.definition.rpcUrls).toEqual([url]);
    expect(await latestRound(devnet)).toEqual(round);
    await expect(hub.step(step)).rejects.toBeInstanceOf(InvalidInputError);
    const { blockNumber } = await hub.step({
      timestampSeconds: START + 24,
      chainlink: [{ asset: 'BTC', price: 38_000 }],
      pools: [{ asset: 'BTC', targetPrice: 38_000 }],
    });
    expect(blockNumber).toBe(4n);
    expect((await latestRound(devnet))[0]).toBe(round[0] + 1n);
  });

  it('come back as they started when the node was killed by somebody else', async () => {
    devnet = await startTestDevnet();
    const { hub } = devnet;
    const first = await latestRound(devnet);
    await hub.step({ timestampSeconds: START + 12, chainlink: [{ asset: 'BTC', price: 37_500 }] });
    const pid = hub.pid!;
    process.kill(pid, 'SIGKILL');
    while (hub.pid !== null) await sleep(10);
    await hub.restart();
    expect(await latestRound(devnet)).toEqual(first);
    await hub.step({ timestampSeconds: START + 12, chainlink: [{ asset: 'BTC', price: 37_600 }] });
    expect((await latestRound(devnet))[1]).toBe(3_760_000_000_000n);
  });

  it('leave no process behind when stopped in the middle of a restart, and start no more', async () => {
    const running = await startTestDevnet();
    const { hub } = running;
    await hub.kill();
    const restarted = hub.restart().catch(() => undefined);
    await running.stop();
    await restarted;
    expect(running.chains.map((chain) => chain.pid)).toEqual([null, null]);
    await expect(hub.restart()).rejects.toThrow('the local chains were stopped');
  });

  it('refuse to start from what is no market', async () => {
    const start = (prices: Record<string, number>, startTimeSeconds = START) =>
      startDevnet({ startTimeSeconds, prices }).catch((caught: unknown) => caught);
    const field = async (result: Promise<unknown>) => {
      const error = await result;
      expect(error).toBeInstanceOf(InvalidInputError);
      return (error as InvalidInputError).issues[0]?.field;
    };
    expect(await field(start({ BTC: 1 }))).toBe('prices.USDC');
    expect(await field(start({ ...PRICES, ETH: 0 }))).toBe('prices.ETH');
    expect(await field(start({ ...PRICES, eth: 1 }))).toBe('prices');
    expect(await field(start(PRICES, 1.5))).toBe('startTimeSeconds');
  });
});
