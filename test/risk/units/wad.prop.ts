import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../risk/errors.ts';
import {
  ceilDiv,
  floorDiv,
  MAX_ABS_WAD,
  WAD,
  wadFromDecimal,
  wadToDecimal,
} from '../../../risk/units/wad.ts';

/** The definitions, by division and multiplication: what the quicker ones must equal. */
function toDecimal(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % WAD).toString().padStart(18, '0').replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${magnitude / WAD}${fraction === '' ? '' : `.${fraction}`}`;
}

function fromDecimal(text: string): bigint | null {
  const match = /^(-?)(\d{1,31})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) return null;
  const magnitude = BigInt(match[2]!) * WAD + BigInt((match[3] ?? '').padEnd(18, '0'));
  if (magnitude > MAX_ABS_WAD) return null;
  return match[1] === '-' ? -magnitude : magnitude;
}

function taken(text: string): bigint | null {
  try {
    return wadFromDecimal(text, 'size');
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).issues.map(({ field }) => field)).toEqual(['size']);
    return null;
  }
}

/** Numbers of every length, round ones too. */
const wad = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat(60), fc.nat(60))
  .map(([value, up, down]) => (value * 10n ** BigInt(up)) / 10n ** BigInt(down));

describe('decimal strings', () => {
  test('are those of the definition, at every length', () => {
    for (let power = 0n; power < 60n; power += 1n) {
      for (const value of [10n ** power, 10n ** power - 1n, 10n ** power + 1n]) {
        expect(wadToDecimal(value)).toBe(toDecimal(value));
        expect(wadToDecimal(-value)).toBe(toDecimal(-value));
      }
    }
    fc.assert(
      fc.property(fc.oneof(wad, fc.bigInt()), (value) => {
        expect(wadToDecimal(value)).toBe(toDecimal(value));
      }),
      { numRuns: 3000 },
    );
  });

  test('are read as by the definition, and refused where it refuses', () => {
    const plain = fc.stringMatching(/^-?\d{1,32}(\.\d{1,19})?$/);
    const zeros = fc.stringMatching(/^-?0{0,3}10{28,31}(\.0{1,18})?$/);
    const odd = fc.stringMatching(/^[-+. ]{0,2}\d{0,3}[.e\n ]{0,2}\d{0,3}[\n ]?$/);
    fc.assert(
      fc.property(fc.oneof(plain, zeros, odd, fc.string()), (text) => {
        expect(taken(text)).toBe(fromDecimal(text));
      }),
      { numRuns: 3000 },
    );
    const most = `1${'0'.repeat(30)}`;
    for (const text of [most, `-${most}.0`, `0${most}`, `${most}.000000000000000001`, '-0', '-0.0']) {
      expect(taken(text), text).toBe(fromDecimal(text));
    }
  });

  test('come back as the number they were made of', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MAX_ABS_WAD, max: MAX_ABS_WAD }), (value) => {
        expect(wadFromDecimal(wadToDecimal(value))).toBe(value);
      }),
    );
  });
});

test('a quotient is rounded down or up to the integer beside it, exact ones not at all', () => {
  const divisor = fc.oneof(fc.bigInt({ min: 1n, max: 12n }), fc.bigInt({ min: 1n, max: 10n ** 40n }));
  const numerator = fc.oneof(fc.bigInt({ min: -30n, max: 30n }), fc.bigInt());
  fc.assert(
    fc.property(numerator, divisor, fc.boolean(), (n, d, exact) => {
      const of = exact ? n * d : n;
      const rest = ((of % d) + d) % d;
      expect(floorDiv(of, d) * d).toBe(of - rest);
      expect(ceilDiv(of, d) * d).toBe(rest === 0n ? of : of - rest + d);
    }),
    { numRuns: 2000 },
  );
});
