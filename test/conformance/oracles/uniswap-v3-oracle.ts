import { blockStart } from '../../../oracles/uniswap/block-start.ts';
import { chainedTick, quoteAtTick, weightedMeanTick } from '../../../oracles/uniswap/combine-ticks.ts';
import { poolMean } from '../../../oracles/uniswap/mean.ts';
import { type Observation, oldestSlot } from '../../../oracles/uniswap/observations.ts';
import { sqrtRatioAtTick, tickAtSqrtRatio } from '../../../oracles/uniswap/tick-math.ts';
import { exactly, thrownBy } from '../../oracles/support/exact.ts';
import { revertOf, type ScriptCase, ScriptedPool } from '../../oracles/support/scripted-pool.ts';
import { type Near, Tally } from '../check.ts';
import { readJson, readText } from '../files.ts';

interface TickMath {
  readonly getSqrtRatioAtTick: readonly { tick: number; sqrtRatioX96: string }[];
  readonly getSqrtRatioAtTick_reverts_T: readonly number[];
  readonly getTickAtSqrtRatio: readonly { tick: number; sqrtRatioX96: string }[];
  readonly getTickAtSqrtRatio_reverts_R: readonly string[];
}

interface HistoryRow {
  readonly blockTimestamps?: readonly number[];
  readonly tickCumulatives?: readonly number[];
  readonly liquidityCumulatives?: readonly string[];
  readonly initialized?: readonly number[];
  readonly cardinality: number;
  readonly index?: number;
  readonly reverts?: string;
}

interface Library {
  readonly consult: readonly {
    period: number;
    tickCumulatives: [number, number];
    secondsPerLiqCumulatives: [number, number];
    arithmeticMeanTick: number;
    harmonicMeanLiquidity: string;
    reverts?: string;
  }[];
  readonly getQuoteAtTick: readonly { tick: number; baseAmount: string; base: 0 | 1; expected: string }[];
  readonly getOldestObservationSecondsAgo: readonly (HistoryRow & { oldestSlot?: number })[];
  readonly getBlockStartingTickAndLiquidity: readonly (HistoryRow & {
    slot0Tick?: number;
    liquidity?: number;
    lastObservationIsThisBlock?: boolean;
    tick?: number;
    expectedLiquidity?: number;
  })[];
  readonly getWeightedArithmeticMeanTick: readonly { in: readonly [number, number][]; expected: number }[];
  readonly getChainedPrice: readonly {
    tokens: readonly number[];
    ticks: readonly number[];
    expected: number;
  }[];
}

function historyOf(row: HistoryRow & { slot0Tick?: number; liquidity?: number }) {
  const observations = (row.initialized ?? []).map(
    (initialized, slot): Observation => ({
      time: row.blockTimestamps?.[slot] ?? 0,
      tickCumulative: BigInt(row.tickCumulatives?.[slot] ?? 0),
      secondsPerLiquidityX128: BigInt(row.liquidityCumulatives?.[slot] ?? 0),
      initialized: initialized === 1,
    }),
  );
  const { cardinality, index = 0 } = row;
  return {
    observations,
    index,
    cardinality,
    tick: row.slot0Tick ?? 0,
    liquidity: BigInt(row.liquidity ?? 0),
  };
}

function tickMath(tally: Tally, vectors: TickMath): void {
  for (const { tick, sqrtRatioX96 } of vectors.getSqrtRatioAtTick) {
    tally.case(`sqrt ratio at ${tick}`, (near) =>
      exactly(near, 'ratio', sqrtRatioAtTick(tick), BigInt(sqrtRatioX96)),
    );
  }
  for (const { tick, sqrtRatioX96 } of vectors.getTickAtSqrtRatio) {
    tally.case(`tick at ${sqrtRatioX96}`, (near) =>
      exactly(near, 'tick', tickAtSqrtRatio(BigInt(sqrtRatioX96)), tick),
    );
  }
  for (const tick of vectors.getSqrtRatioAtTick_reverts_T) {
    tally.case(`no ratio at ${tick}`, (near) =>
      exactly(near, 'refused', thrownBy(() => sqrtRatioAtTick(tick)).startsWith('tick:'), true),
    );
  }
  for (const ratio of vectors.getTickAtSqrtRatio_reverts_R) {
    tally.case(`no tick at ${ratio}`, (near) =>
      exactly(
        near,
        'refused',
        thrownBy(() => tickAtSqrtRatio(BigInt(ratio))).startsWith('sqrtRatioX96:'),
        true,
      ),
    );
  }
}

function library(tally: Tally, vectors: Library): void {
  const each = <Row>(name: string, rows: readonly Row[], check: (near: Near, row: Row) => void) => {
    rows.forEach((row, index) => {
      tally.case(`${name} ${index + 1}`, (near) => check(near, row));
    });
  };
  each('consult', vectors.consult, (near, row) => {
    const mean = () =>
      poolMean({
        windowSeconds: row.period,
        tickCumulatives: [BigInt(row.tickCumulatives[0]), BigInt(row.tickCumulatives[1])],
        secondsPerLiquidityCumulativeX128s: [
          BigInt(row.secondsPerLiqCumulatives[0]),
          BigInt(row.secondsPerLiqCumulatives[1]),
        ],
      });
    if (row.reverts !== undefined) {
      const message = thrownBy(() =>
        poolMean({
          windowSeconds: row.period,
          tickCumulatives: [0n, 0n],
          secondsPerLiquidityCumulativeX128s: [0n, 0n],
        }),
      );
      exactly(near, 'refused', message.startsWith('windowSeconds:'), true);
      return;
    }
    exactly(near, 'tick', mean().meanTick, row.arithmeticMeanTick);
    exactly(near, 'liquidity', `${mean().harmonicMeanLiquidity}`, row.harmonicMeanLiquidity);
  });
  each('quote', vectors.getQuoteAtTick, (near, { tick, baseAmount, base, expected }) =>
    exactly(near, 'amount', quoteAtTick(tick, BigInt(baseAmount), base === 0), BigInt(expected)),
  );
  each('oldest', vectors.getOldestObservationSecondsAgo, (near, row) => {
    if (row.reverts !== undefined)
      exactly(
        near,
        'revert',
        revertOf(() => oldestSlot(historyOf(row))),
        row.reverts,
      );
    else exactly(near, 'slot', oldestSlot(historyOf(row)), row.oldestSlot!);
  });
  each('block start', vectors.getBlockStartingTickAndLiquidity, (near, row) => {
    const history = historyOf(row);
    const now =
      (history.observations[history.index]?.time ?? 0) + (row.lastObservationIsThisBlock === false ? 1 : 0);
    if (row.reverts !== undefined) {
      exactly(
        near,
        'revert',
        revertOf(() => blockStart(history, now)),
        row.reverts,
      );
      return;
    }
    const start = blockStart(history, now);
    exactly(near, 'tick', start.tick, row.tick!);
    exactly(near, 'liquidity', start.liquidity, BigInt(row.expectedLiquidity!));
  });
  each('weighted tick', vectors.getWeightedArithmeticMeanTick, (near, row) =>
    exactly(
      near,
      'tick',
      weightedMeanTick(row.in.map(([tick, weight]) => ({ tick, weight: BigInt(weight) }))),
      row.expected,
    ),
  );
  each('chained', vectors.getChainedPrice, (near, { tokens, ticks, expected }) =>
    exactly(
      near,
      'tick',
      chainedTick(
        tokens.map((token) => `0x${token + 1}`),
        ticks,
      ),
      expected,
    ),
  );
  tally.case('chained with too few ticks', (near) =>
    exactly(
      near,
      'refused',
      thrownBy(() => chainedTick(['0x1', '0x2', '0x3'], [1])).startsWith('ticks:'),
      true,
    ),
  );
}

/** The seven points that v3-core's test reads at once, in seconds before the last second of the five-observation cases. */
const MANY_SECONDS_AGO = [20, 17, 13, 10, 5, 1, 0];

function fetchMany(tally: Tally, cases: readonly ScriptCase[], snapshot: string): void {
  for (const block of snapshot.split('Oracle #observe initialized with 5 observations').slice(1)) {
    const start = /starting time of (\d+)/.exec(block)![1]!;
    const script = cases.find(
      ({ name }) => name === `5obs start ${start}: oldest observation after some time`,
    )!;
    const [liquidity, ticks] = [...block.matchAll(/Array \[([^\]]*)\]/g)].map(
      (match) => match[1]!.match(/-?\d+/g)!,
    );
    tally.case(`many at once, start ${start}`, (near) => {
      const pool = new ScriptedPool();
      for (const step of script.ops) if (step.op !== 'observe') pool.apply(step);
      MANY_SECONDS_AGO.forEach((secondsAgo, index) => {
        const seen = pool.observe(secondsAgo);
        exactly(near, `tick at ${secondsAgo}`, `${seen.tickCumulative}`, ticks![index]!);
        exactly(near, `liquidity at ${secondsAgo}`, `${seen.secondsPerLiquidityX128}`, liquidity![index]!);
      });
    });
  }
}

/** Tick mathematics, the observation ring buffer and the periphery's library: exact. */
export function run(dir: string) {
  const tally = new Tally('uniswap-v3-oracle', { relative: 0 });
  tickMath(tally, readJson<TickMath>(dir, 'tickmath.json'));
  library(tally, readJson<Library>(dir, 'oracle-library.json'));
  const { cases } = readJson<{ cases: ScriptCase[] }>(dir, 'oracle-observe.json');
  for (const { name, ops } of cases) {
    const pool = new ScriptedPool();
    ops.forEach((step, index) => {
      if (step.op !== 'observe') {
        pool.apply(step);
        return;
      }
      tally.case(`${name}, step ${index + 1}`, (near) => {
        if (step.reverts !== undefined) {
          exactly(
            near,
            'revert',
            revertOf(() => pool.observe(step.secondsAgo)),
            step.reverts,
          );
          return;
        }
        const seen = pool.observe(step.secondsAgo);
        if (step.tickCumulative !== undefined)
          exactly(near, 'tick', seen.tickCumulative, BigInt(step.tickCumulative));
        const { secondsPerLiquidityCumulativeX128: liquidity } = step;
        if (liquidity !== undefined) exactly(near, 'liquidity', `${seen.secondsPerLiquidityX128}`, liquidity);
      });
    });
  }
  fetchMany(tally, cases, readText(dir, 'Oracle.fetch-many.snap.txt'));
  return tally.result();
}
