import type { z } from '@hono/zod-openapi';
import type { UnixMs } from '../../risk/units/time.ts';
import { iso, type reasonSchema } from './common.ts';

/**
 * An answer about a past moment, judged by that moment's own time (its reasons say what was wrong then), and never to
 * be taken for one of now: it is always stale, and its first reason says why.
 */
export function ofPast<
  T extends { readonly stale: boolean; readonly reasons: readonly z.infer<typeof reasonSchema>[] },
>(answer: T, atMs: UnixMs): T {
  const past = { code: 'past-moment', message: `as it was at ${iso(atMs)}, not as it is now` };
  return { ...answer, stale: true, reasons: [past, ...answer.reasons] };
}
