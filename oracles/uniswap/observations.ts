import { BreakwaterError } from '../../risk/errors.ts';

/** One entry of a Uniswap v3 pool's price history. Times are uint32 and wrap. */
export interface Observation {
  readonly time: number;
  readonly tickCumulative: bigint;
  readonly secondsPerLiquidityX128: bigint;
  readonly initialized: boolean;
}

/** State from which a pool answers `observe`. */
export interface PoolHistory {
  readonly observations: readonly Observation[];
  readonly index: number;
  readonly cardinality: number;
  /** In force since the last observation. */
  readonly tick: number;
  readonly liquidity: bigint;
}

/** What a pool's contract would revert with: `I` (no history), `OLD` (the target is older than the history). */
export class PoolHistoryError extends BreakwaterError {
  override readonly name = 'PoolHistoryError';
  readonly revert: string;
  constructor(revert: string, message: string) {
    super(message, { type: 'pool-history', kind: 'unprocessable', details: { revert } });
    this.revert = revert;
  }
}

const U32 = 2 ** 32;
const wrap32 = (value: number): number => ((value % U32) + U32) % U32;

/** Whether `a` is not after `b`, both at most one wrap before `now`. */
function notAfter(now: number, a: number, b: number): boolean {
  if (a <= now && b <= now) return a <= b;
  return (a > now ? a : a + U32) <= (b > now ? b : b + U32);
}

/** The accumulators carried forward to `time` with a constant tick and liquidity. */
export function carryForward(last: Observation, time: number, tick: number, liquidity: bigint): Observation {
  const delta = BigInt(wrap32(time - last.time));
  const perLiquidity = (delta << 128n) / (liquidity > 0n ? liquidity : 1n);
  return {
    time,
    tickCumulative: BigInt.asIntN(56, last.tickCumulative + BigInt(tick) * delta),
    secondsPerLiquidityX128: BigInt.asUintN(160, last.secondsPerLiquidityX128 + perLiquidity),
    initialized: true,
  };
}

/** Slot of the oldest observation. @throws PoolHistoryError for a pool without any */
export function oldestSlot({ observations, index, cardinality }: PoolHistory): number {
  if (cardinality === 0) throw new PoolHistoryError('NI', 'the pool has no observations');
  const next = (index + 1) % cardinality;
  return observations[next]?.initialized ? next : 0;
}

function surrounding(history: PoolHistory, now: number, target: number): readonly [Observation, Observation] {
  const { observations, index, cardinality, tick, liquidity } = history;
  const last = observations[index]!;
  if (notAfter(now, last.time, target)) return [last, carryForward(last, target, tick, liquidity)];
  if (!notAfter(now, observations[oldestSlot(history)]!.time, target)) {
    throw new PoolHistoryError('OLD', 'the pool does not remember that far back');
  }
  let low = index + 1;
  let high = low + cardinality - 1;
  for (;;) {
    const middle = (low + high) >> 1;
    const before = observations[middle % cardinality]!;
    if (!before.initialized) {
      low = middle + 1;
      continue;
    }
    const after = observations[(middle + 1) % cardinality]!;
    if (!notAfter(now, before.time, target)) high = middle - 1;
    else if (notAfter(now, target, after.time)) return [before, after];
    else low = middle + 1;
  }
}

/**
 * What `observe([secondsAgo])` of the pool returns at `now`; between two observations it interpolates as the contract
 * does, ticks truncating toward zero.
 * @throws PoolHistoryError
 */
export function observe(history: PoolHistory, now: number, secondsAgo: number): Observation {
  if (history.cardinality === 0) throw new PoolHistoryError('I', 'the pool is not initialized');
  const last = history.observations[history.index]!;
  if (secondsAgo === 0) {
    return last.time === now ? last : carryForward(last, now, history.tick, history.liquidity);
  }
  const target = wrap32(now - secondsAgo);
  const [before, after] = surrounding(history, now, target);
  if (target === before.time) return before;
  if (target === after.time) return after;
  const span = BigInt(wrap32(after.time - before.time));
  const part = BigInt(wrap32(target - before.time));
  const perLiquidity = BigInt.asUintN(160, after.secondsPerLiquidityX128 - before.secondsPerLiquidityX128);
  return {
    time: target,
    tickCumulative: before.tickCumulative + ((after.tickCumulative - before.tickCumulative) / span) * part,
    secondsPerLiquidityX128: BigInt.asUintN(
      160,
      before.secondsPerLiquidityX128 + (perLiquidity * part) / span,
    ),
    initialized: true,
  };
}

/** Appends an observation with the tick and liquidity that were in force until `time`; at most one per second. */
export function record(history: PoolHistory, time: number, capacity: number): PoolHistory {
  const last = history.observations[history.index]!;
  if (last.time === time) return history;
  const grows = capacity > history.cardinality && history.index === history.cardinality - 1;
  const cardinality = grows ? capacity : history.cardinality;
  const index = (history.index + 1) % cardinality;
  const observations = [...history.observations];
  while (observations.length < cardinality) observations.push(UNUSED);
  observations[index] = carryForward(last, time, history.tick, history.liquidity);
  return { ...history, observations, index, cardinality };
}

const UNUSED: Observation = { time: 1, tickCumulative: 0n, secondsPerLiquidityX128: 0n, initialized: false };
