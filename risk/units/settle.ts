import { BreakwaterError } from '../errors.ts';
import { ceilDiv, floorDiv, WAD, type Wad } from './wad.ts';

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

/**
 * The one crossing from float64 (models, pricing) to fixed point (what settles). Rounds against the
 * account: a `credit` (equity, proceeds) toward minus infinity, a `debit` (requirement, fee) toward plus
 * infinity. The double is expanded exactly, so the only rounding is the last wad digit.
 * @throws NotFiniteError
 */
export function settle(value: number, side: 'credit' | 'debit', what = 'value'): Wad {
  if (!Number.isFinite(value)) throw new NotFiniteError(what, value);
  if (value === 0) return 0n;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponentBits = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponentBits === 0 ? fraction : fraction | 0x10000000000000n;
  const signed = value < 0 ? -mantissa : mantissa;
  const exponent = Math.max(exponentBits, 1) - 1075;
  if (exponent >= 0) return (signed << BigInt(exponent)) * WAD;
  const denominator = 1n << BigInt(-exponent);
  return side === 'credit' ? floorDiv(signed * WAD, denominator) : ceilDiv(signed * WAD, denominator);
}
