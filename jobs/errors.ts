import { BreakwaterError, type FieldIssue } from '../risk/errors.ts';

/** The queue's server (PostgreSQL or Redis) does not answer. */
export class QueueUnavailableError extends BreakwaterError {
  override readonly name = 'QueueUnavailableError';
  constructor(why: string, cause?: unknown) {
    super(`the job queue is unavailable: ${why}`, {
      type: 'queue-unavailable',
      kind: 'unavailable',
      retryable: true,
      cause,
    });
  }
}

/** A payload that does not fit the task's schema; it never runs. */
export class InvalidPayloadError extends BreakwaterError {
  override readonly name = 'InvalidPayloadError';
  constructor(task: string, issues: readonly FieldIssue[]) {
    super(`payload of ${task}: ${issues.map((issue) => `${issue.field} ${issue.message}`).join('; ')}`, {
      type: 'invalid-payload',
      kind: 'invalid-input',
      issues,
    });
  }
}

/** A run that took longer than its task allows; its signal was aborted. */
export class TaskTimeoutError extends BreakwaterError {
  override readonly name = 'TaskTimeoutError';
  constructor(task: string, timeoutMs: number) {
    super(`${task} did not finish within ${timeoutMs} ms`, {
      type: 'task-timeout',
      kind: 'unavailable',
      retryable: true,
      details: { task, timeoutMs },
    });
  }
}

/** A run that was interrupted: its process is stopping, or the job was given to another one. */
export class TaskInterruptedError extends BreakwaterError {
  override readonly name = 'TaskInterruptedError';
  constructor(task: string) {
    super(`${task} was interrupted; another worker takes it up`, {
      type: 'task-interrupted',
      kind: 'unavailable',
      retryable: true,
    });
  }
}

/** Some parts of a run failed; the others are stored. Retryable when one of the parts is. */
export class PartialFailureError extends BreakwaterError {
  override readonly name = 'PartialFailureError';
  constructor(task: string, failures: readonly { readonly part: string; readonly error: unknown }[]) {
    const named = failures.map(({ part, error }) => ({
      part,
      type: error instanceof BreakwaterError ? error.type : 'unexpected-error',
      message: error instanceof Error ? error.message : String(error),
    }));
    super(`${task} failed for ${named.map(({ part, message }) => `${part} (${message})`).join(', ')}`, {
      type: 'partial-failure',
      kind: 'internal',
      details: { failures: named },
      retryable: failures.some(({ error }) => error instanceof BreakwaterError && error.retryable),
      cause: failures[0]?.error,
    });
  }
}
