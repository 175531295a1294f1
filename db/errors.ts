import pg from 'pg';
import { BreakwaterError } from '../risk/errors.ts';

const { DatabaseError } = pg;

/** The database does not answer, or asks to try again. */
export class DatabaseUnavailableError extends BreakwaterError {
  override readonly name = 'DatabaseUnavailableError';
  constructor(why: string, cause?: unknown) {
    super(`the database is unavailable: ${why}`, {
      type: 'database-unavailable',
      kind: 'unavailable',
      retryable: true,
      cause,
    });
  }
}

/** An older or contradicting sequence number; nothing was stored. */
export class SequenceConflictError extends BreakwaterError {
  override readonly name = 'SequenceConflictError';
  readonly given: bigint;
  readonly stored: bigint;
  constructor(subject: string, given: bigint, stored: bigint, what: 'account' | 'market' = 'account') {
    const why =
      given === stored ? 'was already used for other content' : `is older than the stored ${stored}`;
    super(`sequence ${given} of ${what} ${subject} ${why}`, {
      type: 'sequence-conflict',
      kind: 'conflict',
      issues: [{ field: 'sequence', message: why }],
      details: { [what]: subject, given: given.toString(), stored: stored.toString() },
    });
    this.given = given;
    this.stored = stored;
  }
}

/** An idempotency key that came back with another request. */
export class IdempotencyKeyConflictError extends BreakwaterError {
  override readonly name = 'IdempotencyKeyConflictError';
  readonly key: string;
  constructor(key: string) {
    super('this idempotency key was already used for another request', {
      type: 'idempotency-key-conflict',
      kind: 'conflict',
      details: { key },
    });
    this.key = key;
  }
}

/** SQLSTATE classes and socket errors after which the same statement may succeed. */
const RETRYABLE_STATES = /^(08|57P|53|40001|40P01|55P03|25006)/;
const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** node-postgres reports these without a code. */
const CONNECTION_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Query read timeout/;

function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) current = current.cause;
  return current;
}

/** The error as callers should see it: lost connections become DatabaseUnavailableError, the rest is unchanged. */
export function asDatabaseError(error: unknown): unknown {
  if (error instanceof BreakwaterError) return error;
  const root = rootCause(error);
  if (!(root instanceof Error)) return error;
  if (root instanceof BreakwaterError) return root;
  const code = 'code' in root && typeof root.code === 'string' ? root.code : '';
  // 57014: cancelled by statement_timeout; the server is there, but this statement did not come through.
  const lost =
    RETRYABLE_STATES.test(code) ||
    code === '57014' ||
    SOCKET_CODES.has(code) ||
    CONNECTION_MESSAGES.test(root.message);
  return lost ? new DatabaseUnavailableError(root.message || code, error) : error;
}

/**
 * Whether the connection that an error came from can be used again: the error is ours or not the driver's at all, or
 * the server refused one statement and goes on. Not after a lost connection or a statement given up on.
 */
export function connectionSurvives(error: unknown): boolean {
  const root = rootCause(error);
  if (root instanceof DatabaseError) return root.severity !== 'FATAL' && root.severity !== 'PANIC';
  return !(asDatabaseError(error) instanceof DatabaseUnavailableError);
}

/** Runs database work and rethrows as asDatabaseError. */
export async function withDatabaseErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asDatabaseError(error);
  }
}
