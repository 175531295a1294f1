import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from './errors.ts';

/** Asks until the answer is something other than false, null or undefined. @throws ClusterError */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  patienceMs: number,
  everyMs = 50,
): Promise<NonNullable<T>> {
  const limit = performance.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (found !== false && found !== null && found !== undefined) return found as NonNullable<T>;
    if (performance.now() > limit) throw new ClusterError(`waited ${patienceMs} ms in vain for ${what}`);
    await delay(everyMs);
  }
}
