import { readFileSync } from 'node:fs';
import { createChainReader } from '../clients/chain-reader.ts';
import { builtArtifact } from './artifacts.ts';
import { startDevnet } from './start-devnet.ts';

/**
 * `npx tsx chains/devnet/measure.ts [steps]` starts the local chains, moves every source of both at every step, and
 * prints milliseconds and the memory of the nodes.
 */
const steps = Number(process.argv[2] ?? 100);
const START = 1_700_000_000;
const prices: Readonly<Record<string, number>> = { BTC: 37_000, ETH: 2_000, SOL: 60, USDC: 1 };

function quantile(sorted: readonly number[], share: number): string {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
}

async function timed(count: number, work: (index: number) => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let index = 1; index <= count; index += 1) {
    const began = performance.now();
    await work(index);
    times.push(performance.now() - began);
  }
  times.sort((left, right) => left - right);
  return `p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms`;
}

const began = performance.now();
const devnet = await startDevnet({ startTimeSeconds: START, prices });
try {
  console.log(`start of two chains: ${(performance.now() - began).toFixed(0)} ms`);
  let timestampSeconds = START;
  const step = await timed(steps, async (index) => {
    timestampSeconds += 12;
    const moved = Object.entries(prices).map(([asset, price]) => ({
      asset,
      price: price * (1 + 0.01 * Math.sin(index)),
    }));
    const input = {
      timestampSeconds,
      chainlink: moved,
      pyth: moved.map((entry) => ({ ...entry, confidence: 0.01, publishTimeSeconds: timestampSeconds })),
      pools: moved
        .filter(({ asset }) => asset !== 'USDC')
        .map(({ asset, price }) => ({ asset, targetPrice: price })),
    };
    await Promise.all(devnet.chains.map((chain) => chain.step(input)));
  });
  console.log(
    `step of both chains (each 4 Chainlink rounds, 4 Pyth pushes, 3 swaps), ${steps} steps: ${step}`,
  );

  const [hub] = devnet.chains;
  const reader = createChainReader(hub!.definition, { clock: { nowMs: () => timestampSeconds * 1000 } });
  const { abi } = builtArtifact('EACAggregatorProxy');
  const calls = Object.values(hub!.chainlink).map(({ proxy }) => {
    return { address: proxy, abi, functionName: 'latestRoundData' };
  });
  console.log(
    `pin and read of ${calls.length} feeds: ${await timed(100, async () => (await reader.pin()).read(calls))}`,
  );
  for (const { definition, pid } of devnet.chains) {
    const status = process.platform === 'linux' ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
    console.log(`memory of ${definition.id}: ${(kilobytes / 1024).toFixed(0)} MB`);
  }
} finally {
  await devnet.stop();
}
