import { setTimeout as delay } from 'node:timers/promises';
import { UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../../db/logger.ts';
import { runTask } from '../../jobs/run-task.ts';
import { bindTask, defineTask, type TaskContext } from '../../jobs/task.ts';

const bound = (run: (context: TaskContext) => Promise<unknown>, timeoutMs = 5_000) =>
  bindTask(
    defineTask({
      name: 'direct',
      payload: z.strictObject({}),
      timeoutMs,
      attempts: 1,
      backoff: { delayMs: 1, jitter: 0 },
      run: (_payload, deps: typeof run, context) => deps(context),
    }),
    run,
  );
const job = { id: '1', payload: {}, attempt: 1 };
/** The error that a run ends with. */
const go = (
  run: (context: TaskContext) => Promise<unknown>,
  shutdown = new AbortController(),
  timeoutMs = 5_000,
): Promise<Error> =>
  runTask(bound(run, timeoutMs), job, { logger: silentLogger, shutdown: shutdown.signal }).then(
    () => new Error('it succeeded'),
    (error) => error,
  );

describe('runTask', () => {
  it('gives a run that does not listen to its signal up, a while after the limit', async () => {
    const failed = await go(() => new Promise(() => undefined), new AbortController(), 20);
    expect(failed).not.toBeInstanceOf(UnrecoverableError);
    expect(failed.message).toMatch(/^task-timeout: direct did not finish within 20 ms/);
  });

  it('says interrupted, retryably, when the process stops; also to a run that starts after that', async () => {
    const shutdown = new AbortController();
    const waiting = go(({ signal }) => delay(60_000, null, { signal }), shutdown);
    shutdown.abort();
    const late = go(async ({ signal }) => signal.throwIfAborted(), shutdown);
    for (const failed of [await waiting, await late]) {
      expect(failed).not.toBeInstanceOf(UnrecoverableError);
      expect(failed.message).toMatch(/^task-interrupted: /);
    }
  });

  it('keeps the stack of what was thrown, and makes an error of what is none', async () => {
    const bug = new TypeError('x is undefined');
    const failed = await go(() => Promise.reject(bug));
    expect(failed).toBeInstanceOf(UnrecoverableError);
    expect([failed.stack, failed.cause]).toEqual([bug.stack, bug]);
    expect((await go(() => Promise.reject('just text'))).message).toBe('unexpected-error: just text');
  });

  it('leaves no listener on the signal of the process', async () => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const counting = new Proxy(signal, {
      get: (target, key) => {
        if (key === 'addEventListener') return (_type: string, listener: unknown) => listeners.add(listener);
        if (key === 'removeEventListener')
          return (_type: string, listener: unknown) => listeners.delete(listener);
        return Reflect.get(target, key, target);
      },
    });
    await runTask(
      bound(async () => expect(listeners.size).toBe(1)),
      job,
      { logger: silentLogger, shutdown: counting },
    );
    expect(listeners.size).toBe(0);
  });
});
