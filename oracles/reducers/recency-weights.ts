/** One reporter's price with its power and time. */
export interface PoweredPrice {
  readonly price: number;
  readonly power: number;
  readonly timestampSeconds: number;
}

/** Upper ends of the sections in 32nds of the total power, and how much a unit of power counts in each. */
const SECTIONS = [
  { upTo: 1, multiplier: 60 },
  { upTo: 3, multiplier: 40 },
  { upTo: 7, multiplier: 20 },
  { upTo: 15, multiplier: 11 },
  { upTo: 32, multiplier: 10 },
] as const;
const PARTS = 32;

/**
 * Weights that favour the newest: power is filled newest first (then greatest) into five sections, and counts six times
 * as much in the first as in the last. Returned in the order of filling, ready for a weighted median.
 */
export function recencyWeights(
  prices: readonly PoweredPrice[],
): readonly { value: number; weight: number }[] {
  const ordered = [...prices].sort((a, b) => b.timestampSeconds - a.timestampSeconds || b.power - a.power);
  const total = ordered.reduce((sum, { power }) => sum + power, 0);
  let filled = 0;
  return ordered.map(({ price, power }) => {
    const end = filled + power * PARTS;
    let weight = 0;
    let from = 0;
    for (const { upTo, multiplier } of SECTIONS) {
      const to = total * upTo;
      weight += Math.max(0, Math.min(end, to) - Math.max(filled, from)) * multiplier;
      from = to;
    }
    filled = end;
    return { value: price, weight };
  });
}
