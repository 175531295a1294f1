import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { BreakwaterError } from '../../../risk/errors.ts';
import { checkJson } from '../../json/check.ts';
import { MalformedJsonError } from '../../json/errors.ts';
import { MAX_POSITIONS } from '../../schemas/positions.ts';
import type { GatewayEnv } from '../context.ts';
import { BodyTooLargeError, UnsupportedMediaTypeError } from '../http-errors.ts';

/** Content types that a body may have. */
export const JSON_TYPE = /^application\/json *(; *charset="?utf-8"?)?$/i;
const LIMITS = { maxDepth: 16, maxItems: MAX_POSITIONS };

/** A caller that hangs up, or frames its chunks wrongly, has failed, not we. @throws MalformedJsonError */
async function whole<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof BreakwaterError) throw error;
    throw new MalformedJsonError('body', 'ended before it was complete');
  }
}

/**
 * Admits a body only if it is JSON of bounded size that can be understood in one way; the schema of the
 * route looks at it afterwards. Cheap checks first.
 */
export function jsonBody(maxBytes: number): MiddlewareHandler<GatewayEnv>[] {
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new BodyTooLargeError(maxBytes);
    },
  });
  return [
    async (c, next) => {
      const type = c.req.header('Content-Type');
      if (type === undefined || !JSON_TYPE.test(type.trim())) throw new UnsupportedMediaTypeError();
      const encoding = c.req.header('Content-Encoding');
      if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
        throw new UnsupportedMediaTypeError('a compressed body is not accepted');
      }
      await next();
    },
    async (c, next) => {
      // A length that is announced is one that Node enforces; looking at the stream itself is slow.
      const length = c.req.header('Content-Length');
      if (length === undefined || c.req.header('Transfer-Encoding') !== undefined) {
        await whole(limit(c, async () => undefined));
      } else if (Number(length) > maxBytes) throw new BodyTooLargeError(maxBytes);
      await next();
    },
    async (c, next) => {
      const text = await whole(c.req.text());
      if (text.trim() === '') throw new MalformedJsonError('body', 'is required');
      checkJson(text, LIMITS);
      await next();
    },
  ];
}
