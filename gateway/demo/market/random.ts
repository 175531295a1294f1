/**
 * Seeded random numbers: xoshiro128** 1.1 (D. Blackman, S. Vigna, 2018, public domain,
 * https://prng.di.unimi.it/xoshiro128starstar.c), its state filled by splitmix32 from a hash of seed and label.
 * The same seed and label give the same numbers on every machine.
 */
export interface Random {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** Exponential with mean 1. */
  exponential(): number;
}

export function createRandom(seed: number, label: string): Random {
  const next = xoshiro128StarStar(fillState(seed, label));
  let spare: number | null = null;
  const uniform = (): number => ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992;
  const normal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * factor;
      return u * factor;
    }
  };
  return { uniform, normal, exponential: () => -Math.log(1 - uniform()) };
}

/** The generator itself: 32-bit unsigned outputs from a state of four words, not all zero, which it changes. */
export function xoshiro128StarStar(state: Uint32Array): () => number {
  return () => {
    const s1 = state[1]!;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    state[2] = state[2]! ^ state[0]!;
    state[3] = state[3]! ^ s1;
    state[1] = s1 ^ state[2]!;
    state[0] = state[0]! ^ state[3]!;
    state[2] = state[2]! ^ (s1 << 9);
    state[3] = rotateLeft(state[3]!, 11);
    return result;
  };
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** FNV-1a over the label, mixed with both halves of the seed, then splitmix32 (finaliser of MurmurHash3). */
function fillState(seed: number, label: string): Uint32Array {
  let hash = 0x811c9dc5;
  for (let at = 0; at < label.length; at++) hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193);
  let walk = (hash ^ Math.imul(seed | 0, 0x9e3779b1) ^ Math.floor(seed / 4_294_967_296)) | 0;
  const state = new Uint32Array(4);
  for (let at = 0; at < 4; at++) {
    walk = (walk + 0x9e3779b9) | 0;
    let mixed = Math.imul(walk ^ (walk >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    state[at] = mixed ^ (mixed >>> 16);
  }
  // All zeros is the one state that the generator never leaves.
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}
