import {
  type Observation,
  observe,
  type PoolHistory,
  PoolHistoryError,
  record,
} from '../../../oracles/uniswap/observations.ts';

export type ScriptStep =
  | { readonly op: 'initialize'; readonly liquidity: string; readonly tick: string; readonly time: string }
  | { readonly op: 'grow'; readonly to: number }
  | { readonly op: 'advanceTime'; readonly by: number }
  | {
      readonly op: 'update';
      readonly advanceTimeBy: string;
      readonly tick: string;
      readonly liquidity: string;
    };

export interface ObserveStep {
  readonly op: 'observe';
  readonly secondsAgo: number;
  readonly tickCumulative?: number;
  readonly secondsPerLiquidityCumulativeX128?: string;
  readonly reverts?: string;
}

export interface ScriptCase {
  readonly name: string;
  readonly ops: readonly (ScriptStep | ObserveStep)[];
}

/** A pool's history moved by the steps of v3-core's own test: time wraps at 2^32, one observation per second. */
export class ScriptedPool {
  private history: PoolHistory = { observations: [], index: 0, cardinality: 0, tick: 0, liquidity: 0n };
  private time = 0;
  private capacity = 0;

  private advance(seconds: number): void {
    this.time = (this.time + seconds) % 2 ** 32;
  }

  apply(step: ScriptStep): void {
    if (step.op === 'advanceTime') this.advance(step.by);
    else if (step.op === 'grow') this.capacity = Math.max(this.capacity, step.to);
    else if (step.op === 'initialize') {
      this.time = Number(step.time);
      const first = { time: this.time, tickCumulative: 0n, secondsPerLiquidityX128: 0n, initialized: true };
      this.capacity = 1;
      const [tick, liquidity] = [Number(step.tick), BigInt(step.liquidity)];
      this.history = { observations: [first], index: 0, cardinality: 1, tick, liquidity };
    } else {
      this.advance(Number(step.advanceTimeBy));
      const recorded = record(this.history, this.time, this.capacity);
      this.history = { ...recorded, tick: Number(step.tick), liquidity: BigInt(step.liquidity) };
    }
  }

  observe(secondsAgo: number): Observation {
    return observe(this.history, this.time, secondsAgo);
  }
}

/** What the pool's contract would revert with. */
export const revertOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof PoolHistoryError ? error.revert : 'another error';
  }
  return 'none';
};
