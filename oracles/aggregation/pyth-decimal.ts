/**
 * Decimal numbers v x 10^e as Pyth's on-chain program computes with them: mantissas below 2^28 after every operation,
 * 64-bit words that wrap, divisions that truncate toward zero.
 */
export interface Decimal {
  readonly v: bigint;
  readonly e: number;
}

const MANTISSA_LIMIT = 1n << 28n;
const NINE = 9;
const SCALE_9 = 10n ** 9n;
/** Powers of ten that the program has at hand, 10^0 to 10^17. */
const POWERS = 18;

const word = (value: bigint): bigint => BigInt.asIntN(64, value);
const power = (exponent: number): bigint => 10n ** BigInt(exponent);

/** Drops digits until the mantissa fits. */
export function scaled(v: bigint, e: number): Decimal {
  let magnitude = v < 0n ? -v : v;
  let exponent = e;
  for (; magnitude >= MANTISSA_LIMIT; exponent += 1) magnitude /= 10n;
  return { v: v < 0n ? -magnitude : magnitude, e: exponent };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return scaled(word(a.v * b.v), a.e + b.e);
}

/** `b` must not be 0. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (a.v === 0n) return a;
  let numerator = a.v < 0n ? -a.v : a.v;
  let shift = 0;
  for (; numerator < MANTISSA_LIMIT; numerator *= 10n) shift += 1;
  const quotient = word(numerator * SCALE_9) / (b.v < 0n ? -b.v : b.v);
  return scaled(a.v < 0n !== b.v < 0n ? -quotient : quotient, a.e - b.e - shift - NINE);
}

/** `high` has the greater exponent, by `distance` > 0. */
function addApart(high: Decimal, low: Decimal, distance: number): Decimal {
  if (distance < NINE) return scaled(word(high.v * power(distance) + low.v), low.e);
  if (distance >= POWERS + NINE) return scaled(high.v, high.e);
  return scaled(word(high.v * SCALE_9 + low.v / power(distance - NINE)), high.e - NINE);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const distance = a.e - b.e;
  if (distance === 0) return scaled(word(a.v + b.v), a.e);
  return distance > 0 ? addApart(a, b, distance) : addApart(b, a, -distance);
}

/** Mantissa at another exponent; digits below it are cut. */
export function mantissaAt(value: Decimal, exponent: number): bigint {
  const distance = value.e - exponent;
  return distance >= 0 ? word(value.v * power(distance)) : value.v / power(-distance);
}

/** Stored form: 59 bits of mantissa, exponent from -16 to 15. Null when the number is too great for it. */
export function stored(value: Decimal): Decimal | null {
  const limit = 1n << 58n;
  let { v, e } = value;
  for (; e < -16; e += 1) v /= 10n;
  for (; e > 15; e -= 1) {
    v *= 10n;
    if (v < -limit || v >= limit) return null;
  }
  return { v, e };
}
