/**
 * Market time, as the answers tell it. In live operation it is wall time; in a demo or replay it runs faster. Between
 * two answers it goes on at the pace that the answers of the last half minute had, also while none comes: so that
 * what is shown grows old and is never kept young by silence.
 */
const MEMORY_MS = 30_000;
const SHORTEST_SPAN_MS = 2_000;
const FASTEST = 3_600;

/** @type {{ wallMs: number, marketMs: number }[]} */
let seen = [];
let pace = 1;

/** @param {number} marketMs as of an answer that has just come */
export function observe(marketMs) {
  const wallMs = performance.now();
  const last = seen.at(-1);
  // An answer that was overtaken by a newer one says nothing about now.
  if (last !== undefined && marketMs < last.marketMs) {
    if (last.marketMs - marketMs < 3_600_000) return;
    seen = [];
  }
  seen.push({ wallMs, marketMs });
  seen = seen.filter((one) => wallMs - one.wallMs <= MEMORY_MS);
  const first = seen[0];
  if (first !== undefined && wallMs - first.wallMs >= SHORTEST_SPAN_MS) {
    pace = Math.min(FASTEST, Math.max(0, (marketMs - first.marketMs) / (wallMs - first.wallMs)));
  }
}

/** Market milliseconds now; wall time before the first answer. */
export function marketNow() {
  const last = seen.at(-1);
  return last === undefined ? Date.now() : last.marketMs + (performance.now() - last.wallMs) * pace;
}

/** Market seconds per wall second. */
export const marketPace = () => pace;
