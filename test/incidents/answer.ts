import { PURPOSES, type Purpose } from '../../risk/market/verdict.ts';
import { type Wad, wadFromDecimal } from '../../risk/units/wad.ts';
import type { IncidentCase } from './case.ts';

/** What an aggregator says to a case. */
export interface Answer {
  readonly priceWad: Wad | null;
  readonly usable: Readonly<Record<Purpose, boolean>>;
  /** Names as in the README of the incidents vectors. */
  readonly reasons: readonly string[];
}

export const NO_ANSWER = { open: false, margin: false, liquidate: false } as const;

/** A decimal string in fixed point; digits beyond the eighteenth are cut, for no price depends on them. */
export const wad = (text: string): Wad => wadFromDecimal(text.replace(/(\.\d{18})\d+$/, '$1'));

/** How an answer compares with what is demanded. */
export interface Judgement {
  readonly price: boolean;
  readonly verdicts: boolean;
  readonly reason: boolean;
  /** Usable for something, but outside the truth. */
  readonly harmful: boolean;
  readonly right: boolean;
}

/** Judges by the rules of the README: a price that nobody may use is none. */
export function judge({ truth, expect }: IncidentCase, { priceWad, usable, reasons }: Answer): Judgement {
  const anyUse = PURPOSES.some((purpose) => usable[purpose]);
  const low = wad(truth.low);
  const high = wad(truth.high);
  const given = priceWad !== null && anyUse;
  const inBand = given && priceWad >= low && priceWad <= high;
  const harmful = given && !inBand;
  const price = {
    'in-band': inBand,
    none: !given,
    'in-band-or-none': inBand || !given,
  }[expect.price];
  const verdicts = PURPOSES.every(
    (purpose) => expect[purpose] === null || expect[purpose] === (given && usable[purpose]),
  );
  const reason = expect.reasonAny.length === 0 || expect.reasonAny.some((name) => reasons.includes(name));
  return { price, verdicts, reason, harmful, right: price && verdicts && reason && !harmful };
}
