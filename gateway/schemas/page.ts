import { z } from '@hono/zod-openapi';
import { InvalidRequestError } from '../app/errors.ts';

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;
const LIMIT_MESSAGE = `must be an integer from 1 to ${MAX_LIMIT}`;

/** Query of a list that is read page by page. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, LIMIT_MESSAGE)
    .optional()
    .openapi({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, example: 100 }),
  cursor: z.string().min(1).max(512).optional().openapi({ description: '`nextCursor` of the page before.' }),
};

export const nextCursorField = z.string().nullable().openapi({ description: 'null on the last page.' });

export function limitOf(query: { readonly limit?: string | undefined }): number {
  return query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit);
}

/** Opaque cursor: `kind` keeps cursors of different lists apart. */
export function writeCursor(kind: string, parts: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify([kind, ...parts]), 'utf8').toString('base64url');
}

/**
 * Parts of a cursor that `writeCursor` made for this kind; null without one.
 * @throws InvalidRequestError when it is none of ours
 */
export function readCursor<T extends z.ZodType>(
  cursor: string | undefined,
  kind: string,
  parts: T,
): z.output<T> | null {
  if (cursor === undefined) return null;
  try {
    const [found, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    const parsed = parts.safeParse(rest);
    if (found === kind && parsed.success) return parsed.data;
  } catch {
    // Not even JSON: refused below like any other.
  }
  throw new InvalidRequestError([{ field: 'cursor', message: 'is not a cursor of this resource' }]);
}

/** One page and its cursor from a list that was asked for one entry more than fits. */
export function pageOf<T>(
  found: readonly T[],
  limit: number,
  cursorOf: (last: T) => string,
): { readonly page: readonly T[]; readonly nextCursor: string | null } {
  const page = found.slice(0, limit);
  return { page, nextCursor: found.length > limit ? cursorOf(page.at(-1)!) : null };
}
