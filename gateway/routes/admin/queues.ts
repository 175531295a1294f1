import { timingSafeEqual } from 'node:crypto';
import type { Hono } from 'hono';
import type { GatewayApp } from '../../app/context.ts';
import { problemResponse } from '../../app/error-handler.ts';
import { UnauthorizedError } from '../../app/http-errors.ts';
import type { OperationsPort } from '../../app/operations-port.ts';
import { problemOf } from '../../app/problem.ts';
import { hashKey } from '../../auth/keys.ts';
import { withoutAddresses } from '../../schemas/redact.ts';
import { BOARD_PATH, createBoard } from './board.ts';

export interface AdminAccess {
  /** SHA-256 of the operator's key; null = open without API keys, closed with them. */
  readonly keyHash: string | null;
  readonly closedWithoutKey: () => boolean;
}

/** The bundle comes from here; its page asks for fonts of another host, which are not fetched. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/** The key of `Bearer <key>`, or the password of `Basic`, which is what a browser can send; null without one. */
export function presentedKey(header: string | undefined): string | null {
  const match = /^(Bearer|Basic) +(\S{1,512})$/i.exec(header ?? '');
  if (match === null) return null;
  if (match[1]!.toLowerCase() === 'bearer') return match[2]!;
  const text = Buffer.from(match[2]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : text.slice(colon + 1);
}

function refusal(header: string | undefined, { keyHash, closedWithoutKey }: AdminAccess): string | null {
  if (keyHash === null) {
    return closedWithoutKey() ? 'closed: this gateway has no operator key (ADMIN_KEY_SHA256)' : null;
  }
  const key = presentedKey(header);
  if (key === null) return 'send the operator key: Authorization: Bearer <key>, or as the password of Basic';
  const presented = Buffer.from(hashKey(key), 'hex');
  return timingSafeEqual(presented, Buffer.from(keyHash, 'hex')) ? null : 'this is not the operator key';
}

/** The job queues for the operator. Jobs of all protocols are in them, so no protocol's key opens them. */
export function adminQueues(app: GatewayApp, operations: OperationsPort, access: AdminAccess): void {
  let board: Promise<Hono> | null = null;
  const open = () => {
    board ??= operations
      .queues()
      .then(createBoard)
      .catch((error: unknown) => {
        board = null;
        throw error;
      });
    return board;
  };
  app.on('GET', [BOARD_PATH, `${BOARD_PATH}/*`], async (c) => {
    const reason = refusal(c.req.header('Authorization'), access);
    if (reason !== null) {
      const problem = problemOf(new UnauthorizedError(reason), c.req.path.slice(0, 512), c.get('requestId'));
      return problemResponse(c, problem, { 'WWW-Authenticate': 'Basic realm="breakwater operator"' });
    }
    const answer = await (await open()).fetch(c.req.raw);
    const type = answer.headers.get('Content-Type') ?? 'application/octet-stream';
    c.header('Content-Security-Policy', POLICY);
    c.header('Cache-Control', 'no-store');
    // Reasons of failed jobs quote clients, and those quote addresses with keys.
    const body = type.includes('json') ? withoutAddresses(await answer.text()) : await answer.arrayBuffer();
    return c.body(body, answer.status as 200, { 'Content-Type': type });
  });
}
