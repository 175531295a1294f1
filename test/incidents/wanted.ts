import type { WrittenCase } from './case.ts';

type Wanted = WrittenCase['expect'];
export const IN_BAND: Wanted = { price: 'in-band', open: true, margin: true, liquidate: true, reasonAny: [] };
export const none = (...reasonAny: string[]): Wanted => ({
  price: 'none',
  open: false,
  margin: false,
  liquidate: false,
  reasonAny,
});
/** Three honest groups are left: margin must work. */
export const works = (...reasonAny: string[]): Wanted => ({
  price: 'in-band',
  open: null,
  margin: true,
  liquidate: null,
  reasonAny,
});
/** A true, fast move: liquidation must work too. */
export const liquidates = (...reasonAny: string[]): Wanted => ({ ...works(...reasonAny), liquidate: true });
/** Too little is left for a demand: refusing is right, and so is a price that is true. */
export const careful = (open: boolean | null, liquidate: boolean | null, ...reasonAny: string[]): Wanted => ({
  price: 'in-band-or-none',
  open,
  margin: null,
  liquidate,
  reasonAny,
});

export const OUTVOTED = ['deviation', 'disagreement', 'jump'];
