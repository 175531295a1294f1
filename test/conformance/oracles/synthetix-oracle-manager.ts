import { deviationBreaker, stalenessBreaker } from '../../../oracles/guards/circuit-breakers.ts';
import { meanOfRounds, type Reduction, reduce, type TimedPrice } from '../../../oracles/reducers/reduce.ts';
import { quoteAtTick } from '../../../oracles/uniswap/combine-ticks.ts';
import { poolMean } from '../../../oracles/uniswap/mean.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface File {
  readonly reducer: {
    readonly parents: readonly { price: string; timestamp: number }[];
    readonly expected: Readonly<Record<string, readonly [string, number]>>;
  };
  readonly priceDeviationCircuitBreaker: readonly {
    primary: string;
    comparison: string;
    tolerance: string;
    expect: string;
  }[];
  readonly stalenessCircuitBreaker: {
    readonly tolerance: number;
    readonly cases: readonly {
      age: number;
      price: string;
      fallback: { price: string } | null;
      expect: string;
    }[];
  };
  readonly chainlinkNode: {
    readonly roundsOldestFirst_6dp: readonly number[];
    readonly cases: readonly { twapSeconds: number; expect?: string; expect_6dp_raw_scaled_to_18?: string }[];
  };
  readonly pythNode: {
    price: string;
    expo: number;
    ema: string;
    expect_price_1e18: string;
    expect_ema_1e18: string;
  };
  readonly uniswapNode: {
    readonly tickCumulatives: readonly [number, number];
    readonly secondsAgo: number;
    readonly decimalsToken: number;
    readonly expect: string;
  };
}

/** `0.5e18`, `500e12` or a plain integer. */
function big(text: string): bigint {
  const [mantissa = '0', exponent = '0'] = text.split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length);
}

const OPERATIONS: Readonly<Record<string, Reduction>> = {
  RECENT: 'recent',
  MIN: 'min',
  MAX: 'max',
  MEAN: 'mean',
  MEDIAN: 'median',
  MUL: 'mul',
  DIV: 'div',
  MULDECIMAL_1e18_parents: 'mul-decimal',
  DIVDECIMAL_1e18_parents: 'div-decimal',
};
const TRIPS: readonly (readonly [string, string])[] = [
  ['DeviationToleranceExceeded', 'deviation'],
  ['0xdcac0919', 'deviation'],
  ['InvalidInputPrice', 'non-positive-price'],
  ['StalenessToleranceExceeded', 'stale-source'],
];
/** The file does not say how far the rounds are apart; 1000 s fits both of its windows. */
const ROUND_SECONDS = 1000;

/** What an expectation says: a number, or the code of a trip. */
function expectation(text: string): string {
  if (!text.startsWith('revert')) return big(text.split(' ')[0]!).toString();
  return TRIPS.find(([word]) => text.includes(word))?.[1] ?? text;
}

/** Reducers, circuit breakers and source nodes: exact. */
export function run(dir: string) {
  const tally = new Tally('synthetix-oracle-manager', { relative: 0 });
  const file = readJson<File>(dir, 'oracle-manager.json');
  for (const [name, [price, timestamp]] of Object.entries(file.reducer.expected)) {
    tally.case(`reducer ${name}`, (near) => {
      const scale = name.endsWith('1e18_parents') ? 10n ** 18n : 1n;
      const parents = file.reducer.parents.map(
        (parent): TimedPrice => ({
          price: BigInt(parent.price) * scale,
          timestampSeconds: parent.timestamp,
        }),
      );
      const result = reduce(OPERATIONS[name]!, parents as [TimedPrice, ...TimedPrice[]]);
      exactly(near, 'price', result.price, big(price));
      exactly(near, 'time', result.timestampSeconds, timestamp);
    });
  }
  file.priceDeviationCircuitBreaker.forEach((row, index) => {
    tally.case(`deviation breaker ${index + 1}`, (near) => {
      const outcome = deviationBreaker(big(row.primary), big(row.comparison), big(row.tolerance));
      exactly(near, 'outcome', outcome.ok ? `${outcome.price}` : outcome.code, expectation(row.expect));
    });
  });
  const { tolerance, cases } = file.stalenessCircuitBreaker;
  cases.forEach((row, index) => {
    tally.case(`staleness breaker ${index + 1}`, (near) => {
      const fallback = row.fallback === null ? null : BigInt(row.fallback.price);
      const outcome = stalenessBreaker(
        { price: BigInt(row.price), ageSeconds: row.age },
        fallback,
        tolerance,
      );
      exactly(near, 'outcome', outcome.ok ? `${outcome.price}` : outcome.code, expectation(row.expect));
    });
  });
  for (const row of file.chainlinkNode.cases) {
    tally.case(`Chainlink node over ${row.twapSeconds} s`, (near) => {
      const rounds = [...file.chainlinkNode.roundsOldestFirst_6dp].reverse().map((price, index) => ({
        price: BigInt(price) * 10n ** 12n,
        timestampSeconds: -index * ROUND_SECONDS,
      }));
      const mean = meanOfRounds(rounds as [TimedPrice, ...TimedPrice[]], row.twapSeconds, 0);
      exactly(near, 'price', mean, big(row.expect ?? row.expect_6dp_raw_scaled_to_18!));
    });
  }
  tally.case('Pyth node', (near) => {
    const { price, ema, expo, expect_price_1e18, expect_ema_1e18 } = file.pythNode;
    const scale = 10n ** BigInt(18 + expo);
    exactly(near, 'price', BigInt(price) * scale, big(expect_price_1e18));
    exactly(near, 'EMA', BigInt(ema) * scale, big(expect_ema_1e18));
  });
  tally.case('Uniswap node', (near) => {
    const { tickCumulatives, secondsAgo, decimalsToken, expect } = file.uniswapNode;
    const { meanTick } = poolMean({
      windowSeconds: secondsAgo,
      tickCumulatives: [BigInt(tickCumulatives[0]), BigInt(tickCumulatives[1])],
      secondsPerLiquidityCumulativeX128s: [0n, 0n],
    });
    exactly(near, 'price', quoteAtTick(meanTick, 10n ** BigInt(decimalsToken), true), BigInt(expect));
  });
  return tally.result();
}
