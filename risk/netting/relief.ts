import { floorDiv, WAD, type Wad } from '../units/wad.ts';

/** Initial and maintenance of one thing. */
export interface Pair {
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
}

/** A book by itself: what it is worth and what it must hold. */
export interface BookFigures extends Pair {
  readonly equityWad: Wad;
}

export interface NettingInput {
  readonly own: BookFigures;
  readonly other: BookFigures;
  /** Requirements of both books as one. */
  readonly combined: Pair;
  /** Share of the other side's value that does not count here, 0 to 1. */
  readonly haircutWad: Wad;
}

/** What each side need not hold; null: a side does not cover its own maintenance share, so that nothing is netted. */
export interface Relief {
  readonly own: Pair;
  readonly other: Pair;
}

const NONE: Pair = { initialWad: 0n, maintenanceWad: 0n };
const least = (...values: readonly Wad[]): Wad => values.reduce((a, b) => (b < a ? b : a));
const positive = (value: Wad): Wad => (value > 0n ? value : 0n);
const KEYS = ['initialWad', 'maintenanceWad'] as const;

/**
 * Requirements that two books of one owner at two protocols need not hold, because one gains where the other loses
 * (docs/decisions/0010-consent.md). With r the requirement alone, D = max(0, r_own + r_other - r_both), E equity and h the haircut:
 *
 * - each side's share is r - x, x = D (1 - h) / (2 - h): if both hold their shares, what one lets go is covered by what
 *   the other has left where the one loses most, less the haircut;
 * - never more than (1 - h) (E_other - r_other + D), what the other really has left there;
 * - the initial share stays at or above the maintenance share.
 *
 * So 2 x <= D: the shares never add up to less than the combined requirement. All rounded against the account.
 */
export function nettingRelief(input: NettingInput): Relief | null {
  const { own, other, combined, haircutWad } = input;
  const kept = WAD - haircutWad;
  const benefit = (key: keyof Pair) => positive(own[key] + other[key] - combined[key]);
  const most = (book: BookFigures, key: keyof Pair) =>
    least(floorDiv(benefit(key) * kept, 2n * WAD - haircutWad), positive(book[key]));
  const covers = (book: BookFigures) => book.equityWad >= book.maintenanceWad - most(book, 'maintenanceWad');
  if (!covers(own) || !covers(other)) return null;
  const backed = (book: BookFigures, backing: BookFigures): Pair => {
    const [initialWad, maintenanceWad] = KEYS.map((key) => {
      const left = backing.equityWad - backing[key] + benefit(key);
      return least(most(book, key), floorDiv(positive(left) * kept, WAD));
    }) as [Wad, Wad];
    return ordered(book, { initialWad, maintenanceWad });
  };
  return { own: backed(own, other), other: backed(other, own) };
}

/** A relief that leaves the initial requirement at or above the maintenance requirement, where it was. */
function ordered(book: Pair, { initialWad, maintenanceWad }: Pair): Pair {
  const share = book.maintenanceWad - maintenanceWad;
  return { initialWad: least(initialWad, positive(book.initialWad - share)), maintenanceWad };
}

/**
 * The relief as it is taken off the requirement of a protocol's own module: only down to the share of the consented
 * one, and no more than the protocol's cap (null: none).
 */
export function reliefOnOwn(required: Pair, share: Pair, relief: Pair, capWad: Wad | null): Pair {
  const of = (key: keyof Pair) => {
    const room = least(relief[key], positive(required[key] - share[key]));
    return positive(capWad === null ? room : least(room, capWad));
  };
  return ordered(required, { initialWad: of('initialWad'), maintenanceWad: of('maintenanceWad') });
}

/** What a book must hold after the relief. */
export function shareOf(book: Pair, relief: Pair = NONE): Pair {
  return {
    initialWad: book.initialWad - relief.initialWad,
    maintenanceWad: book.maintenanceWad - relief.maintenanceWad,
  };
}
