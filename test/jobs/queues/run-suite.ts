import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { enqueue } from '../../../jobs/enqueue.ts';
import { InvalidPayloadError } from '../../../jobs/errors.ts';
import { bindTask } from '../../../jobs/task.ts';
import { type Connect, FlakyError, type Run, taskOf, useQueues } from './harness.ts';

/** Payloads, results, retries and time limits of single jobs. */
export function runSuite(connect: Connect): void {
  describe('a job', () => {
    const queues = useQueues(connect);

    it('runs a job with its payload and keeps the result', async () => {
      const task = taskOf();
      const id = await enqueue(queues.backend, task, { n: 7 });
      await queues.start([bindTask(task, { run: async ({ n }) => ({ twice: n * 2 }) })]);
      const done = await queues.finished(task.name, id);
      expect(done.state).toBe('completed');
      expect(done.job.returnvalue).toEqual({ twice: 14 });
    });

    it('refuses a payload that does not fit when it is enqueued, naming the field', async () => {
      const task = taskOf();
      const refused = await enqueue(queues.backend, task, { n: 1.5 }).catch((error) => error);
      expect(refused).toBeInstanceOf(InvalidPayloadError);
      expect(refused.issues[0].field).toBe('n');
      expect(await (await queues.backend.queue(task.name)).count()).toBe(0);
    });

    it('sends a payload that got into the queue all the same to the failed ones without running it', async () => {
      const task = taskOf();
      const queue = await queues.backend.queue(task.name);
      const added = await queue.add(task.name, { n: 'seven' }, { attempts: 3 });
      let runs = 0;
      await queues.start([bindTask(task, { run: async () => (runs += 1) })]);
      const done = await queues.finished(task.name, added.id!);
      expect(done.state).toBe('failed');
      expect(done.job.failedReason).toMatch(/^invalid-payload: .*n /);
      expect(runs).toBe(0);
    });

    it('retries a retryable failure and succeeds', async () => {
      const task = taskOf();
      const attempts: number[] = [];
      const run: Run = async (_payload, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new FlakyError(true);
        return 'there';
      };
      const id = await enqueue(queues.backend, task, { n: 1 });
      await queues.start([bindTask(task, { run })]);
      expect((await queues.finished(task.name, id)).state).toBe('completed');
      expect(attempts).toEqual([1, 2, 3]);
    });

    it('gives a retryable failure up after its attempts, keeping its type', async () => {
      const task = taskOf({ attempts: 2 });
      let runs = 0;
      const run: Run = async () => {
        runs += 1;
        throw new FlakyError(true);
      };
      const id = await enqueue(queues.backend, task, { n: 1 });
      await queues.start([bindTask(task, { run })]);
      const done = await queues.finished(task.name, id);
      expect(done.state).toBe('failed');
      expect(done.job.failedReason).toBe('flaky: the node is away');
      expect(runs).toBe(2);
    });

    it.each([
      ['a refusal that is not retryable', new FlakyError(false), /^flaky: the node is away$/],
      ['a bug', new TypeError('x is undefined'), /^unexpected-error: x is undefined$/],
    ])('does not retry %s', async (_name, error, reason) => {
      const task = taskOf();
      let runs = 0;
      const run: Run = async () => {
        runs += 1;
        throw error;
      };
      const id = await enqueue(queues.backend, task, { n: 1 });
      await queues.start([bindTask(task, { run })]);
      const done = await queues.finished(task.name, id);
      expect(done.state).toBe('failed');
      expect(done.job.failedReason).toMatch(reason);
      expect(runs).toBe(1);
    });

    it('aborts a run that takes too long, and tries it again', async () => {
      const task = taskOf({ timeoutMs: 150, attempts: 2 });
      const aborted: number[] = [];
      const run: Run = async (_payload, { attempt, signal }) => {
        if (attempt === 2) return 'quick';
        await delay(60_000, null, { signal }).catch(() => aborted.push(attempt));
        signal.throwIfAborted();
        return null;
      };
      const id = await enqueue(queues.backend, task, { n: 1 });
      await queues.start([bindTask(task, { run })]);
      expect((await queues.finished(task.name, id)).state).toBe('completed');
      expect(aborted).toEqual([1]);
    });

    it('fails a run that takes too long for good as task-timeout', async () => {
      const task = taskOf({ timeoutMs: 50, attempts: 1 });
      const run: Run = (_payload, { signal }) => delay(60_000, null, { signal });
      const id = await enqueue(queues.backend, task, { n: 1 });
      await queues.start([bindTask(task, { run })]);
      expect((await queues.finished(task.name, id)).job.failedReason).toMatch(/^task-timeout: /);
    });
  });
}
