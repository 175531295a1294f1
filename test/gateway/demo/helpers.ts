import type { ChainPort, ChainStep, HermesPort, HermesPrice } from '../../../gateway/demo/market/ports.ts';
import { ASSETS } from '../../../gateway/demo/market/source.ts';

export interface RecordedChain extends ChainPort {
  readonly steps: ChainStep[];
  /** What the chain does with the next steps. */
  behaviour: 'takes' | 'refuses' | 'hangs';
}

/** A chain in memory that records what it is told: the rules of the driver are tested on it, not the chain. */
export function chainPort(
  id: string,
  options: { blockTimeSeconds?: number; maxSubmissionValue?: bigint; sequencer?: boolean } = {},
): RecordedChain {
  const { blockTimeSeconds = 12, maxSubmissionValue = 10n ** 30n, sequencer = false } = options;
  const pace = {
    decimals: 8,
    heartbeatSeconds: 3600,
    deviationBps: 50,
    minSubmissionValue: 1n,
    maxSubmissionValue,
  };
  const steps: ChainStep[] = [];
  const port: RecordedChain = {
    definition: { id, blockTimeSeconds },
    chainlink: Object.fromEntries(ASSETS.map((asset) => [asset, pace])),
    pyth: {
      priceIds: Object.fromEntries(ASSETS.map((asset, k) => [asset, `0x${`${k}`.repeat(64)}` as const])),
    },
    pools: { BTC: { fee: 500 }, ETH: { fee: 500 }, SOL: { fee: 3000 } },
    sequencerAggregator: sequencer ? '0x0000000000000000000000000000000000000001' : null,
    steps,
    behaviour: 'takes',
    step(input) {
      if (port.behaviour === 'refuses') return Promise.reject(new Error('the node is down'));
      if (port.behaviour === 'hangs') return new Promise(() => undefined);
      steps.push(input);
      return Promise.resolve({ blockNumber: BigInt(steps.length) });
    },
  };
  return port;
}

export function hermesPort(): HermesPort & { readonly publications: (readonly HermesPrice[])[] } {
  const publications: (readonly HermesPrice[])[] = [];
  return { publications, publish: (prices) => publications.push(prices) };
}

export interface RecordedLog {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: object;
}

export function recordingLogger() {
  const lines: RecordedLog[] = [];
  return {
    lines,
    info: (fields: object, message: string) => void lines.push({ level: 'info', message, fields }),
    warn: (fields: object, message: string) => void lines.push({ level: 'warn', message, fields }),
  };
}

/** Waits until something holds; the test's own time limit ends it when it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
