import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { InvalidInputError } from '../../../risk/errors.ts';
import { wadFromNumber } from '../../../risk/units/decimal.ts';
import { fieldPath, parseInput } from '../../../risk/units/parse.ts';
import { NotFiniteError, settle } from '../../../risk/units/settle.ts';
import {
  ceilDiv,
  floorDiv,
  mulWadDown,
  mulWadUp,
  WAD,
  wadFromDecimal,
  wadToDecimal,
} from '../../../risk/units/wad.ts';

describe('wad', () => {
  it.each([
    ['0', 0n],
    ['-1.5', -1_500_000_000_000_000_000n],
    ['0.000000000000000001', 1n],
    ['1000000000000000000000000000000', 10n ** 48n],
  ])('reads %s exactly', (text, value) => {
    expect(wadFromDecimal(text)).toBe(value);
    expect(wadToDecimal(value)).toBe(text);
  });

  it.each([
    '',
    '1e5',
    'NaN',
    '+1',
    '1.',
    '.5',
    '0x10',
    '1.0000000000000000001',
    ' 1',
    '1000000000000000000000000000001',
  ])('refuses %j naming the field', (text) => {
    expect(() => wadFromDecimal(text, 'size')).toThrow(/^size: /);
  });

  it('rounds products and quotients the way their names say', () => {
    expect(mulWadDown(-1n, 1n)).toBe(-1n);
    expect(mulWadUp(-1n, 1n)).toBe(0n);
    expect(mulWadUp(1n, 1n)).toBe(1n);
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 30n }), (a, b) => {
        expect(floorDiv(a, b) * b <= a && (floorDiv(a, b) + 1n) * b > a).toBe(true);
        expect(ceilDiv(a, b) * b >= a && (ceilDiv(a, b) - 1n) * b < a).toBe(true);
      }),
    );
  });
});

/** A double as a fraction of integers, from its decimal-free definition: halved or doubled until it is whole. */
function rational(value: number): { numerator: bigint; denominator: bigint } {
  let denominator = 1n;
  let rest = value;
  while (!Number.isInteger(rest)) {
    rest *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(rest), denominator };
}

describe('settle', () => {
  it('crosses to fixed point exactly or one digit against the account', () => {
    expect(settle(0.5, 'credit')).toBe(WAD / 2n);
    expect(settle(0.1, 'credit')).toBe(100000000000000005n);
    expect(settle(0.1, 'debit')).toBe(100000000000000006n);
    expect(settle(-0.1, 'credit')).toBe(-100000000000000006n);
    expect(settle(2 ** 80, 'debit')).toBe(2n ** 80n * WAD);
    expect(settle(5e-324, 'debit')).toBe(1n);
    expect(settle(5e-324, 'credit')).toBe(0n);
  });

  it('brackets every double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), (value) => {
        const [down, up] = [settle(value, 'credit'), settle(value, 'debit')];
        expect(up - down <= 1n && up >= down).toBe(true);
        expect(Math.abs(Number(down) / 1e18 - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-15 + 1e-18);
      }),
    );
  });

  it('is the exact rational of every double, of any size and sign, rounded to the side', () => {
    const check = (value: number) => {
      if (!Number.isFinite(value)) return;
      const { numerator, denominator } = rational(value);
      expect(settle(value, 'credit')).toBe(floorDiv(numerator * WAD, denominator));
      expect(settle(value, 'debit')).toBe(ceilDiv(numerator * WAD, denominator));
    };
    const edges = [0, 1, 2 ** -18, 2 ** -19, 2 ** 34, 2 ** 35, 2 ** 53, 5e-324, 2 ** -1022, 1e-18, 1e-19];
    for (const edge of [...edges, Number.MAX_VALUE, Number.EPSILON, 0.1, 1 / 3, 1e18, 123456.789])
      for (const value of [edge, -edge]) check(value);
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), check), { numRuns: 2000 });
    const bits = fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 0xffffffff }));
    fc.assert(
      fc.property(bits, ([high, low]) => {
        const view = new DataView(new ArrayBuffer(8));
        view.setUint32(0, high);
        view.setUint32(4, low);
        check(view.getFloat64(0));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what is not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => settle(value, 'debit', 'margin')).toThrow(NotFiniteError);
    }
  });
});

describe('decimal parameters', () => {
  it.each([
    [0.065, 65_000_000_000_000_000n],
    [1e-7, 100_000_000_000n],
    [1.2e21, 1_200_000_000_000_000_000_000n * WAD],
    [-0.05, -50_000_000_000_000_000n],
    [1e-19, 1n],
    [0, 0n],
  ])('reads %d as the decimal that was written', (value, wad) => {
    expect(wadFromNumber(value)).toBe(wad);
  });

  it('refuses what is not finite', () => {
    expect(() => wadFromNumber(Number.NaN, 'rate')).toThrow(/^rate: /);
  });
});

describe('parseInput', () => {
  it('names every field that is wrong', () => {
    const schema = z.strictObject({ legs: z.array(z.strictObject({ size: z.number() })), cap: z.number() });
    try {
      parseInput(schema, { legs: [{ size: 1 }, { size: 'x', y: 2 }] }, 'parameters');
      expect.unreachable();
    } catch (error) {
      expect((error as InvalidInputError).issues.map((issue) => issue.field)).toEqual([
        'parameters.legs[1].size',
        'parameters.legs[1].y',
        'parameters.cap',
      ]);
    }
    expect(fieldPath([])).toBe('input');
  });
});
