import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Outcome of one vector set: how many checks passed and the worst relative error among them. */
export interface SetResult {
  readonly name: string;
  readonly passed: number;
  readonly total: number;
  readonly worst: number;
}

/** Numbers of one column of a CSV file with a header; `column` counts from 0. */
export function readColumn(dir: string, file: string, column: number): Float64Array {
  const lines = readFileSync(join(dir, file), 'utf8').trim().split('\n').slice(1);
  return Float64Array.from(lines, (line) => Number(line.split(',')[column]!.trim()));
}

/** Directory of a shared vector set beside the repository; null when it is not there. */
export function vectorDirectory(set: string): string | null {
  const dir = join(import.meta.dirname, '../../../../shared/vectors', set);
  return existsSync(dir) ? dir : null;
}

export interface Check {
  readonly label: string;
  readonly expected: number;
  readonly found: number;
  /** Largest error allowed, relative to max(|expected|, `scale`). */
  readonly tolerance: number;
  readonly scale?: number;
}

export function relativeError(check: Check): number {
  return (
    Math.abs(check.found - check.expected) / Math.max(Math.abs(check.expected), check.scale ?? 0, 1e-300)
  );
}

/** Counts the checks that hold. */
export function summarise(name: string, checks: readonly Check[]): SetResult {
  const errors = checks.map(relativeError);
  return {
    name,
    passed: errors.filter((error, at) => error <= checks[at]!.tolerance).length,
    total: checks.length,
    worst: Math.max(0, ...errors),
  };
}
