import type { ZodType } from 'zod';
import type { Logger } from '../db/logger.ts';
import type { FieldIssue } from '../risk/errors.ts';
import { InvalidPayloadError } from './errors.ts';

/** What a run is told besides its payload. */
export interface TaskContext {
  /** Aborted on timeout, on shutdown and when the job was given to another worker. */
  readonly signal: AbortSignal;
  readonly jobId: string;
  /** 1 on the first try. */
  readonly attempt: number;
  readonly logger: Logger;
}

export interface TaskDefinition<P, D, R> {
  /** Also the name of its queue; letters, digits and '-'. */
  readonly name: string;
  /** Payloads are JSON; checked when enqueued and again when run. */
  readonly payload: ZodType<P>;
  readonly timeoutMs: number;
  /** Tries in all, the first included; only retryable failures are tried again. */
  readonly attempts: number;
  /** Wait before try n+1: between (1 - jitter) and 1 times delayMs * 2^(n-1). */
  readonly backoff: { readonly delayMs: number; readonly jitter: number };
  /** Runs at once in one process. Default 1. */
  readonly concurrency?: number;
  /**
   * It takes long, and nothing is lost by beginning it again: a process that stops does not wait for it, and another
   * worker does it. Default false: it may go on for as long as the process waits.
   */
  readonly handsOver?: boolean;
  /** Must be idempotent: a run may be repeated after a crash at any point. The result must be JSON. */
  run(payload: P, deps: D, context: TaskContext): Promise<R>;
}

export type Task<P, D, R> = Readonly<TaskDefinition<P, D, R>>;

/** Declares a task; does nothing but check its name and fix the types. */
export function defineTask<P, D, R>(definition: TaskDefinition<P, D, R>): Task<P, D, R> {
  if (!/^[a-z][a-z0-9-]*$/.test(definition.name)) throw new TypeError(`bad task name '${definition.name}'`);
  return Object.freeze(definition);
}

/** A task with its dependencies: what a worker runs. */
export interface BoundTask {
  readonly task: Task<unknown, unknown, unknown>;
  run(payload: unknown, context: TaskContext): Promise<unknown>;
}

/** Gives a task its dependencies. */
export function bindTask<P, D, R>(task: Task<P, D, R>, deps: D): BoundTask {
  return {
    task: task as Task<unknown, unknown, unknown>,
    run: async (payload, context) => task.run(parsePayload(task, payload), deps, context),
  };
}

/** @throws InvalidPayloadError naming every wrong field */
export function parsePayload<P>(
  task: Pick<Task<P, never, unknown>, 'name' | 'payload'>,
  payload: unknown,
): P {
  const parsed = task.payload.safeParse(payload);
  if (parsed.success) return parsed.data;
  const issues: FieldIssue[] = parsed.error.issues.map((issue) => ({
    field: issue.path.length === 0 ? 'payload' : issue.path.join('.'),
    message: issue.message,
  }));
  throw new InvalidPayloadError(task.name, issues);
}
