import { cpus } from 'node:os';
import { median as medianOrNull } from '../oracles/reducers/medians.ts';

/** CPU seconds (user and system) that this process takes for `work`: what other programs do counts less than in wall time. */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1e6;
}

/** Median of measured figures; NaN of none, so that a table shows that nothing was measured. */
export const median = (values: readonly number[]): number => medianOrNull(values) ?? Number.NaN;

/** Rows of a table with aligned columns. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    );
  }
}

export const machine = () =>
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}`;

/** Multiplicative congruential generator with a fixed seed: the same data on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @throws Error when two programs that should agree do not. */
export function sameChecksum(what: string, a: number, b: number, tolerance: number): void {
  if (!(Math.abs(a - b) <= tolerance * Math.abs(a)))
    throw new Error(`${what}: checksums ${a} and ${b} differ`);
}
