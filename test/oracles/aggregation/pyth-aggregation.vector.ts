import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pythAggregate } from '../../../oracles/aggregation/pyth-aggregate.ts';
import { hasVectors, readJson, VECTORS } from '../support/vectors.ts';

interface Case {
  quotes: { status: number; conf: number; price: number; slot_diff?: number }[];
}

const SET = 'pyth-aggregation';
const files = hasVectors(SET)
  ? readdirSync(resolve(VECTORS, SET)).filter((name) => /^\d+\.json$/.test(name))
  : [];

describe.skipIf(!hasVectors(SET))("Pyth's own aggregation cases", () => {
  it('are all here', () => {
    expect(files.length).toBe(30);
  });

  it.each(files)('%s', (file) => {
    const { quotes } = readJson<Case>(SET, file);
    const expected = readJson<{ price: number; conf: number; status: string }>(
      SET,
      file.replace('json', 'result'),
    );
    const { price, conf, status } = pythAggregate(
      quotes.map((quote) => ({
        price: BigInt(quote.price),
        conf: BigInt(quote.conf),
        status: quote.status,
        ageSlots: -(quote.slot_diff ?? 0),
      })),
    );
    expect({ price, conf, status }).toEqual({
      price: BigInt(expected.price),
      conf: BigInt(expected.conf),
      status: expected.status,
    });
  });
});

it('matches two of the cases that are carried over (pyth-client, program/rust/test_data/aggregation, 1 and 38)', () => {
  const quote = (price: bigint, conf: bigint) => ({ price, conf, status: 1, ageSlots: 0 });
  expect(pythAggregate([quote(10000n, 0n), quote(10000n, 0n)])).toEqual({
    status: 'unknown',
    price: 0n,
    conf: 0n,
  });
  expect(pythAggregate([quote(10000n, 100n)])).toEqual({ status: 'trading', price: 10000n, conf: 100n });
});
