import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cell, csvCell, csvLine } from '../../../gateway/csv/csv.ts';
import { allRows, wantsCsv } from '../../../gateway/csv/respond.ts';
import { parseCsv } from '../support/parse-csv.ts';

const nasty = fc.string({
  unit: fc.constantFrom(
    'a',
    'é',
    '"',
    ',',
    '\r',
    '\n',
    '=',
    '+',
    '-',
    '@',
    '\t',
    ' ',
    '1',
    '.',
    '＝',
    '\u{1F600}',
  ),
});
const cell: fc.Arbitrary<Cell> = fc.oneof(
  nasty,
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

describe('a table', () => {
  test('is read back as it was written, whatever is in it; only formulas have an apostrophe before them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        (rows) => {
          const read = parseCsv(rows.map(csvLine).join(''));
          const plain = rows.map((row) => row.map((one) => (one === null ? '' : String(one))));
          expect(
            read.map((row, r) => row.map((one, k) => (one === `'${plain[r]![k]}` ? plain[r]![k] : one))),
          ).toEqual(plain);
          // What a spreadsheet would calculate is not left at the beginning of any cell, unless it is a number.
          for (const one of read.flat()) {
            if (/^[\s]*[=+\-@＝]/.test(one)) expect(one).toMatch(/^-\d+(\.\d+)?$/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each<[Cell, string]>([
    ['alice', 'alice'],
    ['-1.5', '-1.5'],
    [-3, '-3'],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['+1+2', `'+1+2`],
    ['-2+3', `'-2+3`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['\t=1', `'\t=1`],
    [' =1', `' =1`],
    ['a,b', '"a,b"'],
    ['a\nb', '"a\nb"'],
    ['', ''],
    [null, ''],
    [true, 'true'],
  ])('%j is written %s', (value, written) => expect(csvCell(value)).toBe(written));
});

test.each([
  [undefined, undefined, false],
  ['text/csv', undefined, true],
  ['Text/CSV; q=0.9, application/json', undefined, true],
  ['application/json, text/csv', undefined, false],
  ['*/*', undefined, false],
  ['text/csv', 'json', false],
  ['application/json', 'csv', true],
])('Accept %j with format %j: csv %s', (accept, format, csv) => expect(wantsCsv(accept, format)).toBe(csv));

test('all rows are read a page at a time, after the place that was given, as far as the limit', async () => {
  const reads: [number | null, number][] = [];
  const read = async (after: { readonly n: number } | null, limit: number) => {
    reads.push([after?.n ?? null, limit]);
    const from = (after?.n ?? 0) + 1;
    return Array.from({ length: Math.max(0, Math.min(limit, 1201 - from)) }, (_, k) => ({ n: from + k }));
  };
  const rowsOf = async (first: { n: number } | null, limit: number | null) => {
    const found: number[] = [];
    for await (const { n } of allRows(read, first, limit)) found.push(n);
    return [found.length, found[0], found.at(-1)];
  };
  expect(await rowsOf(null, null)).toEqual([1200, 1, 1200]);
  expect(reads).toEqual([
    [null, 500],
    [500, 500],
    [1000, 500],
  ]);
  expect(await rowsOf({ n: 7 }, 2)).toEqual([2, 8, 9]);
  expect(await rowsOf(null, 700)).toEqual([700, 1, 700]);
});
