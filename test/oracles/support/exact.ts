import type { Near } from '../../conformance/check.ts';

/** Compares without tolerance and without going through a double; counts as a figure of its case. */
export function exactly<T extends bigint | number | string | boolean | null>(
  near: Near,
  what: string,
  actual: T,
  expected: T,
): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, expected ${expected}`);
  near(what, 0, 0);
}

/** The message of what `run` throws; fails when it throws nothing. */
export function thrownBy(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was thrown');
}
