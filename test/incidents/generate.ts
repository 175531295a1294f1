import type { WrittenCase } from './case.ts';
import { ALL_FAMILIES } from './harder-families.ts';
import { Draw, written } from './variations.ts';

/** `perFamily` cases of every family from a seed, the same ones each time. */
export function variations(seed: number, perFamily: number): WrittenCase[] {
  return Object.entries(ALL_FAMILIES).flatMap(([name, family]) =>
    Array.from({ length: perFamily }, (_, index) => {
      const draw = new Draw(seed, `${name} ${index}`);
      return written(draw, `${name}-${index + 1}`, family(draw));
    }),
  );
}
