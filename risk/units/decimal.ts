import { InvalidInputError } from '../errors.ts';
import type { Wad } from './wad.ts';

/**
 * The decimal number a person wrote, as Wad: 0.065 becomes exactly 65000000000000000n, not the double's
 * expansion. For parameters only; model output crosses by `settle`. More than 18 decimals round up in magnitude.
 * @throws InvalidInputError when `value` is not finite.
 */
export function wadFromNumber(value: number, field = 'value'): Wad {
  let wad = known.get(value);
  if (wad !== undefined) return wad;
  wad = converted(value, field);
  if (known.size < MAX_KNOWN) known.set(value, wad);
  return wad;
}

/** Parameters are few and asked for with every margin. */
const MAX_KNOWN = 4096;
const known = new Map<number, Wad>();

function converted(value: number, field: string): Wad {
  if (!Number.isFinite(value)) throw new InvalidInputError(field, 'must be a finite number');
  const [mantissa, exponentText] = Math.abs(value).toString().split('e');
  const [whole, fraction = ''] = mantissa!.split('.');
  const shift = 18 - fraction.length + Number(exponentText ?? 0);
  const digits = BigInt(whole! + fraction);
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n;
  const magnitude = shift < 0 ? (digits + divisor - 1n) / divisor : digits * 10n ** BigInt(shift);
  return value < 0 ? -magnitude : magnitude;
}
