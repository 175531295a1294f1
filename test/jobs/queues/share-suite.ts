import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { enqueue } from '../../../jobs/enqueue.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { ensureSchedules, schedule } from '../../../jobs/schedule.ts';
import { bindTask } from '../../../jobs/task.ts';
import { until } from '../../helpers/until.ts';
import { type Connect, type Run, taskOf, useQueues } from './harness.ts';

/** What holds however many processes add, run and schedule jobs. */
export function shareSuite(connect: Connect): void {
  describe('many workers', () => {
    const queues = useQueues(connect);

    it('adds one job per id, however many add it, also after it has run', async () => {
      const task = taskOf();
      let runs = 0;
      const other = await connect();
      try {
        const add = (via: QueueBackend) => enqueue(via, task, { n: 1 }, { jobId: 'bucket-1' });
        await Promise.all([add(queues.backend), add(other), add(queues.backend), add(other)]);
        await queues.start([bindTask(task, { run: async () => (runs += 1) })]);
        await queues.finished(task.name, 'bucket-1');
        await add(other);
        const last = await enqueue(queues.backend, task, { n: 2 });
        await queues.finished(task.name, last);
        expect(runs).toBe(2);
      } finally {
        await other.close();
      }
    });

    it('does not add a job while one with its deduplication key waits, and adds one afterwards', async () => {
      const task = taskOf();
      const seen: number[] = [];
      const add = (n: number) => enqueue(queues.backend, task, { n }, { deduplicationKey: 'one' });
      const first = await add(1);
      expect(await add(2)).toBe(first);
      await queues.start([bindTask(task, { run: async ({ n }) => seen.push(n) })]);
      await queues.finished(task.name, first);
      const third = await until('the key is free again', async () => {
        const id = await add(3);
        return id === first ? null : id;
      });
      await queues.finished(task.name, third);
      expect(seen).toEqual([1, 3]);
    });

    it('shares jobs between workers, each done once', async () => {
      const task = taskOf();
      const seen: number[] = [];
      const run: Run = async ({ n }) => {
        await delay(5);
        seen.push(n);
      };
      const ids = await Promise.all(
        Array.from({ length: 40 }, (_, n) => enqueue(queues.backend, task, { n })),
      );
      await queues.start([bindTask(task, { run })], { concurrency: 2 });
      await queues.start([bindTask(task, { run })], { concurrency: 2 });
      for (const id of ids) expect((await queues.finished(task.name, id)).state).toBe('completed');
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    });

    it('drains: a stop waits for the running job and starts no other', async () => {
      const task = taskOf();
      const done: number[] = [];
      let begun = false;
      const run: Run = async ({ n }) => {
        begun = true;
        await delay(300);
        done.push(n);
      };
      const ids = [
        await enqueue(queues.backend, task, { n: 1 }),
        await enqueue(queues.backend, task, { n: 2 }),
      ];
      const workers = await queues.start([bindTask(task, { run })]);
      await until('the first job runs', () => begun);
      await workers.stop();
      expect(done).toEqual([1]);
      expect(await (await queues.job(task.name, ids[0]!))?.getState()).toBe('completed');
      expect(await (await queues.job(task.name, ids[1]!))?.getState()).toBe('waiting');
    });

    it('interrupts a job that does not end in time, and another worker takes it up', async () => {
      const task = taskOf();
      let begun = false;
      const stuck: Run = async (_payload, { signal }) => {
        begun = true;
        await delay(60_000, null, { signal });
      };
      const id = await enqueue(queues.backend, task, { n: 1 });
      const workers = await queues.start([bindTask(task, { run: stuck })], { drainMs: 50 });
      await until('the job runs', () => begun);
      await workers.stop();
      await queues.start([bindTask(task, { run: async () => 'done by the other' })]);
      const done = await queues.finished(task.name, id);
      expect([done.state, done.job.returnvalue]).toEqual(['completed', 'done by the other']);
    });

    it('does not wait for a job that hands over, even one that does not listen; another worker does it', async () => {
      const task = { ...taskOf(), handsOver: true };
      let begun = false;
      const endless: Run = () => {
        begun = true;
        return new Promise(() => undefined);
      };
      const id = await enqueue(queues.backend, task, { n: 1 });
      // Waited for, it would keep the stop for ten minutes.
      const workers = await queues.start([bindTask(task, { run: endless })], { drainMs: 600_000 });
      await until('the job runs', () => begun);
      await workers.stop();
      await queues.start([bindTask(task, { run: async () => 'done by the other' })]);
      const done = await queues.finished(task.name, id);
      expect([done.state, done.job.returnvalue]).toEqual(['completed', 'done by the other']);
    });

    it('gives the job of a worker that died to another one', async () => {
      const task = taskOf();
      const quick = { lockDurationMs: 400, stalledIntervalMs: 200 };
      const dying = await connect();
      const id = await enqueue(queues.backend, task, { n: 1 });
      const worker = await dying.worker(task.name, () => new Promise<never>(() => undefined), {
        ...quick,
        concurrency: 1,
      });
      await until(
        'the job is taken',
        async () => (await (await queues.job(task.name, id))?.getState()) === 'active',
      );
      // The connection goes without a word, as with kill -9: locks are no longer renewed.
      await worker.close(true);
      await queues.start([bindTask(task, { run: async () => 'taken over' })], { worker: quick });
      const done = await queues.finished(task.name, id);
      expect([done.state, done.job.returnvalue]).toEqual(['completed', 'taken over']);
      await dying.close();
    });

    it('registers a schedule once, however many processes do so, and runs it again and again', async () => {
      const task = taskOf();
      const other = await connect();
      let runs = 0;
      try {
        const plan = [schedule(task as never, 200, { n: 5 } as never)];
        const registered = await Promise.all(
          [queues.backend, other, queues.backend, other].map((via) => ensureSchedules(via, plan)),
        );
        expect(registered.flat().length).toBeGreaterThanOrEqual(1);
        const queue = await queues.backend.queue(task.name);
        expect(await queue.getJobSchedulersCount()).toBe(1);
        expect(await queue.getJobCountByTypes('waiting', 'delayed')).toBe(1);
        expect(await ensureSchedules(other, plan)).toEqual([]);
        await queues.start([bindTask(task, { run: async () => (runs += 1) })], { schedules: plan });
        await until('three runs', () => runs >= 3);
        expect(await ensureSchedules(other, [schedule(task as never, 60_000, { n: 5 } as never)])).toEqual([
          task.name,
        ]);
        expect((await queue.getJobSchedulers())[0]?.every).toBe(60_000);
      } finally {
        await other.close();
      }
    });
  });
}
