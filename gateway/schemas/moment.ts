import { z } from '@hono/zod-openapi';
import type { UnixMs } from '../../risk/units/time.ts';
import { InvalidRequestError, MomentAheadError } from '../app/errors.ts';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/;
const UNIX_SECONDS = /^\d{1,12}(\.\d{1,3})?$/;

/** A past moment in a query: ISO 8601 with a `Z`, or Unix seconds. */
export const momentInput = z
  .string()
  .max(32)
  .refine((text) => !Number.isNaN(momentMs(text)), 'must be ISO 8601 with a Z, or Unix seconds')
  .openapi({ example: '2026-01-31T12:00:00Z', description: 'ISO 8601 in UTC, or Unix seconds.' });

/** Milliseconds since 1970; NaN for a text that is no moment, the 30th of February included. */
export function momentMs(text: string): UnixMs {
  if (UNIX_SECONDS.test(text)) return Math.round(Number(text) * 1000);
  const time = ISO.test(text) ? Date.parse(text) : Number.NaN;
  const same = !Number.isNaN(time) && new Date(time).toISOString().slice(0, 16) === text.slice(0, 16);
  return same ? time : Number.NaN;
}

/** Clocks of gateways may differ by so much; beyond it a moment is taken for a mistake of the caller. */
const CLOCKS_APART_MS = 60_000;

/**
 * @throws MomentAheadError when the moment is about to come, so that a caller who heard of it from a gateway whose clock is
 * ahead asks again; InvalidRequestError when it is further away
 */
export function pastMoment(text: string, nowMs: UnixMs, field = 'at'): UnixMs {
  const atMs = momentMs(text);
  if (atMs <= nowMs) return atMs;
  if (atMs <= nowMs + CLOCKS_APART_MS) throw new MomentAheadError(atMs, nowMs, field);
  throw new InvalidRequestError([{ field, message: 'is in the future' }]);
}
