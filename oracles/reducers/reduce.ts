import { WAD } from '../../risk/units/wad.ts';

/** A price with its time, as a node of a price graph gives it. */
export interface TimedPrice {
  readonly price: bigint;
  readonly timestampSeconds: number;
}

export type Reduction =
  | 'recent'
  | 'min'
  | 'max'
  | 'mean'
  | 'median'
  | 'mul'
  | 'div'
  | 'mul-decimal'
  | 'div-decimal';

const byPrice = (a: TimedPrice, b: TimedPrice): number =>
  a.price < b.price ? -1 : a.price > b.price ? 1 : 0;

function mean(values: readonly TimedPrice[]): TimedPrice {
  const count = BigInt(values.length);
  return {
    price: values.reduce((sum, { price }) => sum + price, 0n) / count,
    timestampSeconds: meanTime(values),
  };
}

function meanTime(values: readonly TimedPrice[]): number {
  return Math.floor(values.reduce((sum, { timestampSeconds }) => sum + timestampSeconds, 0) / values.length);
}

/**
 * Turns several prices into one, integers throughout (division truncates). `recent`, `min` and `max` keep the time of
 * the price they choose; `median` of an even count is the mean of the middle two, time included; the others have the
 * mean time. `mul-decimal` and `div-decimal` work on 18-decimal fixed point. Needs at least one price, and divisors other
 * than 0.
 */
export function reduce(operation: Reduction, values: readonly [TimedPrice, ...TimedPrice[]]): TimedPrice {
  const sorted = [...values].sort(byPrice);
  const fold = (step: (left: bigint, right: bigint) => bigint): TimedPrice => ({
    price: values.slice(1).reduce((result, { price }) => step(result, price), values[0].price),
    timestampSeconds: meanTime(values),
  });
  switch (operation) {
    case 'recent':
      return values.reduce((newest, value) =>
        value.timestampSeconds > newest.timestampSeconds ? value : newest,
      );
    case 'min':
      return sorted[0]!;
    case 'max':
      return sorted[sorted.length - 1]!;
    case 'mean':
      return mean(values);
    case 'median': {
      const middle = sorted.length >> 1;
      return sorted.length % 2 === 1 ? sorted[middle]! : mean([sorted[middle - 1]!, sorted[middle]!]);
    }
    case 'mul':
      return fold((left, right) => left * right);
    case 'div':
      return fold((left, right) => left / right);
    case 'mul-decimal':
      return fold((left, right) => (left * right) / WAD);
    case 'div-decimal':
      return fold((left, right) => (left * WAD) / right);
  }
}

/** Mean by count (not by time) of the rounds not older than the window; the latest round when the window is 0. */
export function meanOfRounds(
  newestFirst: readonly [TimedPrice, ...TimedPrice[]],
  windowSeconds: number,
  nowSeconds: number,
): bigint {
  if (windowSeconds === 0) return newestFirst[0].price;
  const inside = newestFirst.filter(({ timestampSeconds }) => timestampSeconds >= nowSeconds - windowSeconds);
  const rounds = inside.length > 0 ? inside : [newestFirst[0]];
  return rounds.reduce((sum, { price }) => sum + price, 0n) / BigInt(rounds.length);
}
