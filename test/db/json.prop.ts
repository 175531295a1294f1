import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash, decodeJson, encodeJson, NotStorableError } from '../../db/json.ts';

const key = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .filter((k) => !k.startsWith('$') && !k.includes('\0') && k !== '__proto__');
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((s) => !s.includes('\0'));
const storable = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.bigInt(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x)),
    fc.boolean(),
    fc.constant(null),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).value;

describe('encodeJson', () => {
  it('comes back exactly through JSON text', () => {
    fc.assert(
      fc.property(storable, (value) => {
        expect(decodeJson(JSON.parse(JSON.stringify(encodeJson(value))))).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['NaN', { a: [1, Number.NaN] }, '$.a[1]'],
    ['an infinity', { a: Number.POSITIVE_INFINITY }, '$.a'],
    ['a NUL character', { a: { b: 'x\0' } }, '$.a.b'],
    ['half a surrogate pair', ['\ud800'], '$[0]'],
    ['a date', { at: new Date(0) }, '$.at'],
    ['a function', { f: () => 1 }, '$.f'],
    ['a key that looks like an encoding', { $wad: '1' }, '$.$wad'],
  ])('refuses %s, saying where', (_name, value, path) => {
    const refused = (() => {
      try {
        return encodeJson(value);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(NotStorableError);
    expect((refused as NotStorableError).path).toBe(path);
  });
});

describe('contentHash', () => {
  it('does not depend on the order of properties, and tells 1n from 1 and "1"', () => {
    expect(contentHash({ a: 1n, b: [{ c: 2, d: 3 }] })).toBe(contentHash({ b: [{ d: 3, c: 2 }], a: 1n }));
    expect(new Set([1n, 1, '1'].map((a) => contentHash({ a }))).size).toBe(3);
  });
});
