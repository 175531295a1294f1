const PRIMES = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
];

/** Dimensions served by the low-discrepancy sequence; later ones come from the seeded generator. */
export const QUASI_DIMENSIONS = PRIMES.length;

/** Seeded uniform generator on [0, 1) with 32-bit state (mulberry32); the same seed gives the same numbers anywhere. */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Van der Corput digits of `index` in `base`, each digit sent through a fixed permutation that keeps 0. */
function radicalInverse(index: number, base: number, permutation: Uint8Array): number {
  let fraction = 1 / base;
  let value = 0;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    value += permutation[rest % base]! * fraction;
    fraction /= base;
  }
  return value;
}

function permutations(random: () => number): Uint8Array[] {
  return PRIMES.map((base) => {
    const digits = Uint8Array.from({ length: base }, (_, i) => i);
    for (let i = base - 1; i > 1; i--) {
      const j = 1 + Math.floor(random() * i);
      const held = digits[i]!;
      digits[i] = digits[j]!;
      digits[j] = held;
    }
    return digits;
  });
}

/**
 * One randomisation of a scrambled Halton sequence (Owen's digit permutation per base, Cranley-Patterson shift);
 * dimensions beyond `QUASI_DIMENSIONS` are pseudo-random. Fills `out` with the point `index`, each in (0, 1).
 */
export function quasiSequence(seed: number): (index: number, out: Float64Array) => void {
  const random = seededUniform(seed);
  const digits = permutations(random);
  const shifts = Float64Array.from({ length: PRIMES.length }, () => random());
  const tiny = 2 ** -40;
  return (index, out) => {
    const tail = seededUniform(Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b));
    for (let d = 0; d < out.length; d++) {
      let u = d < PRIMES.length ? radicalInverse(index + 1, PRIMES[d]!, digits[d]!) + shifts[d]! : tail();
      if (u >= 1) u -= 1;
      out[d] = Math.min(Math.max(u, tiny), 1 - tiny);
    }
  };
}
