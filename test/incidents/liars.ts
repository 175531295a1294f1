import type { AssetClass } from '../../oracles/config/classes.ts';
import type { WrittenQuote } from './case.ts';
import { type Draw, decimal, type Made, source } from './variations.ts';

/** A number that is wrong by more than any market of the class moves. */
export const wrong = (draw: Draw, level: number, least = 0.3): number => {
  const factor = 1 + draw.log(least, draw.pick([1, 100, 1e6]));
  return draw.chance(0.5) ? level * factor : level / factor;
};
/** The same number under one to four names of one group. */
export const readers = (draw: Draw, price: number, over: Partial<WrittenQuote>): WrittenQuote[] =>
  Array.from({ length: draw.whole(1, 4) }, (_, index) =>
    source(draw, 90 + index, price * draw.uniform(0.9995, 1.0005), { group: 'liar', ...over }),
  );
export const leg = (draw: Draw, ageSeconds: number, price: number) => ({
  source: 'leg',
  base: 'BASE',
  quote: 'QUOTE',
  op: 'mul' as const,
  price: decimal(price),
  publishTime: draw.now - ageSeconds,
});

export type Family = (draw: Draw) => Made;
export const base = (draw: Draw, of?: readonly AssetClass[]) => {
  const assetClass = draw.class(of);
  return { assetClass, level: draw.level(assetClass) };
};
