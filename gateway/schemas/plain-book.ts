import { AMOUNT, IDENTIFIER, NON_ZERO_AMOUNT, POSITIVE_AMOUNT } from './common.ts';
import { type BookInput, CHAIN, MAX_POSITIONS } from './positions.ts';

interface Field {
  readonly required: boolean;
  readonly fits: (value: unknown) => boolean;
}
interface Kind {
  readonly fields: ReadonlyMap<string, Field>;
  readonly required: number;
}

const like = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const must = (fits: Field['fits']): Field => ({ required: true, fits });
const may = (fits: Field['fits']): Field => ({ required: false, fits });
const name = must((value) => typeof value === 'string' && value.length > 0 && value.length <= 64);
const fitsChain = like(CHAIN);

function kind(own: Readonly<Record<string, Field>>): Kind {
  const fields = new Map<string, Field>([
    ['kind', must(() => true)],
    ['id', must(like(IDENTIFIER))],
    ...Object.entries(own),
    ['chain', may((value) => value === null || fitsChain(value))],
  ]);
  return { fields, required: [...fields.values()].filter(({ required }) => required).length };
}

/** The kinds that need no calendar; others are read by the schema. */
const KINDS: ReadonlyMap<unknown, Kind> = new Map([
  [
    'perp',
    kind({
      market: name,
      size: must(like(NON_ZERO_AMOUNT)),
      entryPrice: must(like(POSITIVE_AMOUNT)),
      unsettledFunding: may(like(AMOUNT)),
    }),
  ],
  ['collateral', kind({ asset: name, amount: must(like(POSITIVE_AMOUNT)) })],
  ['loan', kind({ market: name, amount: must(like(POSITIVE_AMOUNT)) })],
]);

/**
 * The book that a body holds, when it is plain: without escapes, perps, collateral and loans only, nothing wrong with it.
 * Then it is what `checkJson` and `simulateBody` would let pass, to which a test holds it, in a tenth of the time. Null
 * says nothing about the body but that those must look at it.
 */
export function plainBook(text: string): BookInput | null {
  if (text.includes('\\')) return null;
  let book: unknown;
  try {
    book = JSON.parse(text);
  } catch {
    return null;
  }
  const strings = stringsOf(book);
  // A member that stands twice is parsed once: its quotes are in the text and not in the book.
  return strings !== null && 2 * strings === quotesIn(text) ? (book as BookInput) : null;
}

/** Number of strings in the book, names of members included; null when it is not plain. */
function stringsOf(book: unknown): number | null {
  if (!isObject(book)) return null;
  const { cash, positions } = book;
  if (typeof cash !== 'string' || !AMOUNT.test(cash)) return null;
  if (!Array.isArray(positions) || positions.length > MAX_POSITIONS) return null;
  if (Object.keys(book).length !== 2) return null;
  let strings = 3;
  const ids = new Set<unknown>();
  for (const position of positions as readonly unknown[]) {
    if (!isObject(position)) return null;
    const shape = KINDS.get(position.kind);
    if (shape === undefined || ids.has(position.id)) return null;
    ids.add(position.id);
    let required = 0;
    for (const key in position) {
      const field = shape.fields.get(key);
      const value = position[key];
      if (field === undefined || !field.fits(value)) return null;
      if (field.required) required += 1;
      strings += value === null ? 1 : 2;
    }
    if (required !== shape.required) return null;
  }
  return strings;
}

function quotesIn(text: string): number {
  let quotes = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
