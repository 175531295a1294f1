import { BreakwaterError } from '../errors.ts';
import type { Wad } from './wad.ts';

/** A model produced a number that cannot settle (NaN or infinite). */
export class NotFiniteError extends BreakwaterError {
  override readonly name = 'NotFiniteError';
  constructor(what: string, value: number) {
    super(`${what} is not finite`, {
      type: 'not-finite',
      kind: 'internal',
      details: { what, value: String(value) },
    });
  }
}

/** One double and its two halves: shared by all calls, for an allocation per call costs more than the crossing. */
const DOUBLE = new Float64Array(1);
const HALVES = new Uint32Array(DOUBLE.buffer);
DOUBLE[0] = 1;
/** Place of the half that holds sign and exponent; depends on the byte order of the machine. */
const HIGH = HALVES[1] === 0x3ff00000 ? 1 : 0;
const LOW = 1 - HIGH;
/** WAD = 5^18 2^18: the power of two goes into the shift. */
const FIVES = 5n ** 18n;
const TWOS = 18;

/**
 * The one crossing from float64 (models, pricing) to fixed point (what settles). Rounds against the
 * account: a `credit` (equity, proceeds) toward minus infinity, a `debit` (requirement, fee) toward plus
 * infinity. The double is expanded exactly, so the only rounding is the last wad digit.
 * @throws NotFiniteError
 */
export function settle(value: number, side: 'credit' | 'debit', what = 'value'): Wad {
  if (!Number.isFinite(value)) throw new NotFiniteError(what, value);
  if (value === 0) return 0n;
  DOUBLE[0] = value;
  const high = HALVES[HIGH]!;
  const exponentBits = (high >>> 20) & 0x7ff;
  const head = exponentBits === 0 ? high & 0xfffff : (high & 0xfffff) | 0x100000;
  const mantissa = head * 2 ** 32 + HALVES[LOW]!;
  // |value| = mantissa 2^(exponent - 1075), hence wads = mantissa 5^18 2^-shift
  const shift = 1075 - TWOS - Math.max(exponentBits, 1);
  const negative = value < 0;
  if (shift <= 0) {
    const wads = (BigInt(mantissa) * FIVES) << BigInt(-shift);
    return negative ? -wads : wads;
  }
  // >> rounds toward minus infinity: a figure that is to round up in magnitude is shifted as its negative
  const awayFromZero = negative === (side === 'credit');
  const wads = (BigInt(awayFromZero ? -mantissa : mantissa) * FIVES) >> BigInt(shift);
  return awayFromZero === negative ? wads : -wads;
}
