import { InvalidInputError } from '../errors.ts';

/** Fixed point with 18 decimals: 1.0 is 10n ** 18n. Anything that settles, is signed or goes on chain. */
export type Wad = bigint;

export const WAD: Wad = 10n ** 18n;
const WAD_DECIMALS = 18;
/** Largest magnitude accepted from outside: 1e30 units, far above any supply, far below int256 overflow. */
export const MAX_ABS_WAD: Wad = 10n ** 48n;

const DECIMAL = /^-?\d{1,31}(?:\.\d{1,18})?$/;
const ZEROS = '0'.repeat(WAD_DECIMALS);

/**
 * Parses a plain decimal string (no exponent, no sign but '-', at most 18 decimals) exactly.
 * @throws InvalidInputError naming `field`.
 */
export function wadFromDecimal(text: string, field = 'amount'): Wad {
  if (!DECIMAL.test(text)) {
    throw new InvalidInputError(
      field,
      'must be a plain decimal string with at most 31 integer digits and 18 decimals',
    );
  }
  const negative = text.charCodeAt(0) === 45;
  const first = negative ? 1 : 0;
  const point = text.indexOf('.');
  const digits =
    point === -1
      ? text.slice(first) + ZEROS
      : text.slice(first, point) + text.slice(point + 1) + ZEROS.slice(text.length - point - 1);
  const magnitude = BigInt(digits);
  // 48 digits are below 1e48.
  if (digits.length > 48 && magnitude > MAX_ABS_WAD) {
    throw new InvalidInputError(field, 'magnitude must not exceed 1e30');
  }
  return negative ? -magnitude : magnitude;
}

/** Exact decimal string without trailing zeros, e.g. -1500000000000000000n -> "-1.5". */
export function wadToDecimal(value: Wad): string {
  if (value === 0n) return '0';
  // The digits are written once and cut: dividing big integers costs as much as writing them.
  const written = value.toString();
  const sign = written.charCodeAt(0) === 45 ? '-' : '';
  const digits = sign === '' ? written : written.slice(1);
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48 && digits.length - end < WAD_DECIMALS) end -= 1;
  const point = digits.length - WAD_DECIMALS;
  if (end <= point) return sign + digits.slice(0, point);
  if (point > 0) return `${sign}${digits.slice(0, point)}.${digits.slice(point, end)}`;
  return `${sign}0.${ZEROS.slice(0, -point)}${digits.slice(0, end)}`;
}

/** Floor division (toward minus infinity), unlike bigint's `/`, which truncates. Divisor > 0. */
export function floorDiv(numerator: bigint, denominator: bigint): bigint {
  // One division in either case: for a negative numerator -1 - trunc((-1 - n) / d).
  return numerator < 0n ? -1n - (-1n - numerator) / denominator : numerator / denominator;
}

/** Ceiling division (toward plus infinity). Divisor > 0. */
export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return numerator > 0n ? (numerator - 1n) / denominator + 1n : numerator / denominator;
}

export function absWad(value: Wad): Wad {
  return value < 0n ? -value : value;
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
