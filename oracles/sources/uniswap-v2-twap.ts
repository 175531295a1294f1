import { type Address, parseAbi } from 'viem';
import type { UniswapV2Source } from '../config/feeds.ts';
import { type CumulativePrice, cumulativeAt, meanBetween, pairPrice } from '../uniswap/v2-mean.ts';
import type { ReadOutcome } from './ports.ts';
import { type Finding, type OnchainSource, type RoundInput, refused } from './source.ts';
import { tokenOrder } from './token-order.ts';

const PAIR_ABI = parseAbi([
  'function getReserves() view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)',
  'function price0CumulativeLast() view returns (uint256)',
  'function price1CumulativeLast() view returns (uint256)',
  'function token0() view returns (address)',
  'function token1() view returns (address)',
]);
const TOKEN_ABI = parseAbi(['function decimals() view returns (uint8)']);
const READS = ['getReserves', 'price0CumulativeLast', 'price1CumulativeLast', 'token0', 'token1'] as const;
/** A mean over more than this many windows is of another time than the one asked for. */
const MAX_WINDOWS = 2;
/** 0.3 %, fixed in the contract. */
const FEE_PIPS = 3000;

/**
 * Readings of one pair, one per round. A pair keeps no history, so the mean is taken between this round's accumulator
 * and one of an earlier round: the youngest that is a window old.
 */
class Readings {
  private list: readonly CumulativePrice[] = [];

  /** Adds a reading and gives the one to compare it with; null while none is old enough. */
  add(reading: CumulativePrice, windowSeconds: number): CumulativePrice | null {
    // A chain that was reorganised or went back in time: what was read beyond its head never was.
    const earlier = this.list.filter(({ atSeconds }) => atSeconds < reading.atSeconds);
    const old = earlier.filter(({ atSeconds }) => reading.atSeconds - atSeconds >= windowSeconds);
    const start = old[old.length - 1] ?? null;
    const keepFrom = start?.atSeconds ?? Number.NEGATIVE_INFINITY;
    this.list = [...earlier.filter(({ atSeconds }) => atSeconds >= keepFrom), reading];
    return start;
  }
}

/** Order and decimals as the chain has them, or the contradiction to the configuration. */
function checkTokens(
  source: UniswapV2Source,
  facts: readonly ReadOutcome[],
): { baseIsToken0: boolean } | Finding {
  const values: unknown[] = [];
  for (const fact of facts) {
    if (!fact.ok) return refused('read-failed', fact.error);
    values.push(fact.value);
  }
  const [token0, token1, decimals0, decimals1] = values;
  return tokenOrder(`pair ${source.pair}`, source, { token0, token1, decimals0, decimals1 });
}

function interpret(input: RoundInput<UniswapV2Source>, readings: Readings): Finding {
  const { source, outcomes, facts, view } = input;
  for (const outcome of outcomes) if (!outcome.ok) return refused('read-failed', outcome.error);
  const [reserves, price0, price1] = outcomes.map((outcome) => outcome.ok && outcome.value);
  const tokens = checkTokens(source, [outcomes[3]!, outcomes[4]!, ...facts]);
  if ('ok' in tokens) return tokens;
  const [reserve0, reserve1, updatedAtSeconds] = reserves as readonly [bigint, bigint, number];
  if (reserve0 === 0n || reserve1 === 0n) return refused('liquidity', 'the pair is empty');
  const reading = cumulativeAt(
    {
      reserve0,
      reserve1,
      updatedAtSeconds,
      price0Cumulative: price0 as bigint,
      price1Cumulative: price1 as bigint,
    },
    Math.floor(view.blockTimeMs / 1000),
  );
  const start = readings.add(reading, source.windowSeconds);
  if (start === null) {
    return refused('window', `no reading of the pair is ${source.windowSeconds} s old yet`);
  }
  const mean = meanBetween(start, reading);
  if (mean.seconds > MAX_WINDOWS * source.windowSeconds) {
    return refused(
      'window',
      `the readings are ${mean.seconds} s apart, the window is ${source.windowSeconds} s`,
    );
  }
  const { baseIsToken0 } = tokens;
  const priceX112 = baseIsToken0 ? mean.price0X112 : mean.price1X112;
  const price = pairPrice(priceX112, source.baseDecimals, source.quoteDecimals);
  if (price === 0n) return refused('non-positive-price', 'the mean price is below 1e-18');
  return {
    ok: true,
    quote: {
      price,
      expo: -18,
      confidence: 0n,
      publishTimeMs: view.blockTimeMs,
      details: {
        windowSeconds: mean.seconds,
        quoteReserve: (baseIsToken0 ? reserve1 : reserve0).toString(),
        feePips: FEE_PIPS,
      },
    },
  };
}

/**
 * Time-weighted mean price of Uniswap v2 pairs between two rounds at least a window apart, at the pinned block's time.
 * Keeps the readings of its rounds: after a start it has no price for one window. One instance per chain.
 */
export function createUniswapV2Twap(): OnchainSource<UniswapV2Source> {
  const readings = new Map<UniswapV2Source, Readings>();
  return {
    calls: ({ pair }) => READS.map((functionName) => ({ address: pair, abi: PAIR_ABI, functionName })),
    facts(_source, outcomes) {
      const tokens = [outcomes[3], outcomes[4]];
      return tokens.flatMap((token) =>
        token?.ok ? [{ address: token.value as Address, abi: TOKEN_ABI, functionName: 'decimals' }] : [],
      );
    },
    interpret(input) {
      const own = readings.get(input.source) ?? new Readings();
      readings.set(input.source, own);
      return interpret(input, own);
    },
  };
}
