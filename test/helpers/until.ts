import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `probe` gives something other than false, null or undefined. Fails after `patienceMs`. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  patienceMs = 30_000,
): Promise<NonNullable<T>> {
  const limit = Date.now() + patienceMs;
  for (;;) {
    const found = await probe();
    if (found !== false && found !== null && found !== undefined) return found as NonNullable<T>;
    if (Date.now() > limit) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await delay(25);
  }
}
