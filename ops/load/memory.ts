import { readdirSync, readFileSync } from 'node:fs';
import { median } from '../../oracles/reducers/medians.ts';

/** Resident memory of a process, in bytes; NaN when it has ended. Linux. */
export function residentBytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m) * 1024;
}

/** Memory of a process and of all below it, in bytes: pages that they share count once. Linux. */
export function familyBytes(pid: number): number {
  const own = kilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m) * 1024;
  return childrenOf(pid).reduce((sum, child) => sum + (familyBytes(child) || 0), own);
}

function kilobytes(file: string, field: RegExp): number {
  try {
    return Number(field.exec(readFileSync(file, 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}

/** Processes that this one started. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

export interface MemorySample {
  readonly atMs: number;
  readonly bytes: number;
}

/**
 * Change of memory from half time to the end, each the median of the samples of the tenth of the run before it: a
 * collector that is about to run makes a single sample swing.
 */
export function growthFromHalf(
  samples: readonly MemorySample[],
  beganMs: number,
  endedMs: number,
): { readonly half: number; readonly end: number; readonly growth: number } {
  const span = endedMs - beganMs;
  const before = (ms: number) =>
    median(
      samples
        .filter(({ atMs, bytes }) => atMs > ms - span / 10 && atMs <= ms && Number.isFinite(bytes))
        .map(({ bytes }) => bytes),
    ) ?? Number.NaN;
  const [half, end] = [before(beganMs + span / 2), before(endedMs)];
  return { half, end, growth: end / half - 1 };
}
