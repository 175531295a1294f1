import { InvalidInputError } from '../errors.ts';

/** Fixed point with 18 decimals: 1.0 is 10n ** 18n. Anything that settles, is signed or goes on chain. */
export type Wad = bigint;

export const WAD: Wad = 10n ** 18n;
const WAD_DECIMALS = 18;
/** Largest magnitude accepted from outside: 1e30 units, far above any supply, far below int256 overflow. */
export const MAX_ABS_WAD: Wad = 10n ** 48n;

const DECIMAL = /^(-?)(\d{1,31})(?:\.(\d{1,18}))?$/;

/**
 * Parses a plain decimal string (no exponent, no sign but '-', at most 18 decimals) exactly.
 * @throws InvalidInputError naming `field`.
 */
export function wadFromDecimal(text: string, field = 'amount'): Wad {
  const match = DECIMAL.exec(text);
  if (!match) {
    throw new InvalidInputError(
      field,
      'must be a plain decimal string with at most 31 integer digits and 18 decimals',
    );
  }
  const fraction = (match[3] ?? '').padEnd(WAD_DECIMALS, '0');
  const magnitude = BigInt(match[2]!) * WAD + BigInt(fraction);
  if (magnitude > MAX_ABS_WAD) throw new InvalidInputError(field, 'magnitude must not exceed 1e30');
  return match[1] === '-' ? -magnitude : magnitude;
}

/** Exact decimal string without trailing zeros, e.g. -1500000000000000000n -> "-1.5". */
export function wadToDecimal(value: Wad): string {
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const whole = magnitude / WAD;
  const fraction = (magnitude % WAD).toString().padStart(WAD_DECIMALS, '0').replace(/0+$/, '');
  const text = fraction === '' ? whole.toString() : `${whole}.${fraction}`;
  return negative ? `-${text}` : text;
}

/** Floor division (toward minus infinity), unlike bigint's `/`, which truncates. Divisor > 0. */
export function floorDiv(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

/** Ceiling division (toward plus infinity). Divisor > 0. */
export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return -floorDiv(-numerator, denominator);
}

/** a*b rounded toward minus infinity: for what an account owns. */
export function mulWadDown(a: Wad, b: Wad): Wad {
  return floorDiv(a * b, WAD);
}

/** a*b rounded toward plus infinity: for what an account owes. */
export function mulWadUp(a: Wad, b: Wad): Wad {
  return ceilDiv(a * b, WAD);
}

/** Nearest double; for models and pricing only, never for what settles. */
export function wadToFloat(value: Wad): number {
  return Number(value) / 1e18;
}
