import { describe, expect, it } from 'vitest';
import { pythAggregate } from '../../../oracles/aggregation/pyth-aggregate.ts';
import { noVectors, vectorsOf } from '../../conformance/files.ts';
import { run } from '../../conformance/oracles/pyth-aggregation.ts';
import { run as runEma } from '../../conformance/oracles/pyth-ema.ts';

describe.skipIf(noVectors('pyth-aggregation'))("Pyth's own aggregation cases", () => {
  it('all come out exactly', () => {
    expect(run(vectorsOf('pyth-aggregation'))).toMatchObject({ passed: 30, total: 30, failures: [] });
  });
});

describe.skipIf(noVectors('pyth-ema'))("Pyth's own EMA series", () => {
  it('all rows come out exactly, with prices of either sign', () => {
    expect(runEma(vectorsOf('pyth-ema'))).toMatchObject({ passed: 1318, total: 1318, failures: [] });
  });
});

it('matches two of the cases that are carried over (pyth-client, program/rust/test_data/aggregation, 1 and 38)', () => {
  const quote = (price: bigint, conf: bigint) => ({ price, conf, status: 1, ageSlots: 0 });
  expect(pythAggregate([quote(10000n, 0n), quote(10000n, 0n)])).toEqual({
    status: 'unknown',
    price: 0n,
    conf: 0n,
  });
  expect(pythAggregate([1, 2, 3].map(() => quote(10000n, 1000n)))).toEqual({
    status: 'trading',
    price: 10000n,
    conf: 1000n,
  });
});
