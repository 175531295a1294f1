import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import {
  discardDeadLetter,
  listDeadLetters,
  queueDepths,
  replayDeadLetter,
} from '../../jobs/dead-letters.ts';
import { enqueue } from '../../jobs/enqueue.ts';
import { InvalidPayloadError } from '../../jobs/errors.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { type StartWorkersOptions, startWorkers, type Workers } from '../../jobs/runtime.ts';
import { ensureSchedules, schedule } from '../../jobs/schedule.ts';
import { bindTask, defineTask, type TaskContext } from '../../jobs/task.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import { until } from '../helpers/until.ts';

let serial = 0;
type Run = (payload: { n: number }, context: TaskContext) => Promise<unknown>;

/** A task with a queue of its own, whose work the test gives. */
function taskOf(over: { timeoutMs?: number; attempts?: number; concurrency?: number } = {}) {
  serial += 1;
  return defineTask({
    name: `suite-${process.pid}-${serial}`,
    payload: z.strictObject({ n: z.int() }),
    timeoutMs: 10_000,
    attempts: 3,
    backoff: { delayMs: 20, jitter: 0.5 },
    ...over,
    run: (payload, deps: { run: Run }, context) => deps.run(payload, context),
  });
}

class FlakyError extends BreakwaterError {
  constructor(retryable: boolean) {
    super('the node is away', { type: 'flaky', kind: 'unavailable', retryable });
  }
}

/** The same conduct on every backend; `connect` gives a new connection to the same server each time. */
export function queueSuite(connect: () => Promise<QueueBackend>): void {
  let backend: QueueBackend;
  const started: Workers[] = [];
  const start = async (tasks: StartWorkersOptions['tasks'], over: Partial<StartWorkersOptions> = {}) => {
    const workers = await startWorkers({ backend, tasks, ...over });
    started.push(workers);
    return workers;
  };
  beforeAll(async () => {
    backend = await connect();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((workers) => workers.stop()));
  });
  afterAll(() => backend.close());

  const job = async (name: string, id: string) => (await backend.queue(name)).getJob(id);
  const finished = async (name: string, id: string) => {
    const state = await until(`job ${id} of ${name} finishes`, async () => {
      const now = await (await job(name, id))?.getState();
      return now === 'completed' || now === 'failed' ? now : null;
    });
    // Read again: what was read before the state may be older than the state.
    return { job: (await job(name, id))!, state };
  };

  it('runs a job with its payload and keeps the result', async () => {
    const task = taskOf();
    const id = await enqueue(backend, task, { n: 7 });
    await start([bindTask(task, { run: async ({ n }) => ({ twice: n * 2 }) })]);
    const done = await finished(task.name, id);
    expect(done.state).toBe('completed');
    expect(done.job.returnvalue).toEqual({ twice: 14 });
  });

  it('refuses a payload that does not fit when it is enqueued, naming the field', async () => {
    const task = taskOf();
    const refused = await enqueue(backend, task, { n: 1.5 }).catch((error) => error);
    expect(refused).toBeInstanceOf(InvalidPayloadError);
    expect(refused.issues[0].field).toBe('n');
    expect(await (await backend.queue(task.name)).count()).toBe(0);
  });

  it('sends a payload that got into the queue all the same to the failed ones without running it', async () => {
    const task = taskOf();
    const queue = await backend.queue(task.name);
    const added = await queue.add(task.name, { n: 'seven' }, { attempts: 3 });
    let runs = 0;
    await start([bindTask(task, { run: async () => (runs += 1) })]);
    const done = await finished(task.name, added.id!);
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
    const id = await enqueue(backend, task, { n: 1 });
    await start([bindTask(task, { run })]);
    expect((await finished(task.name, id)).state).toBe('completed');
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('gives a retryable failure up after its attempts, keeping its type', async () => {
    const task = taskOf({ attempts: 2 });
    let runs = 0;
    const run: Run = async () => {
      runs += 1;
      throw new FlakyError(true);
    };
    const id = await enqueue(backend, task, { n: 1 });
    await start([bindTask(task, { run })]);
    const done = await finished(task.name, id);
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
    const id = await enqueue(backend, task, { n: 1 });
    await start([bindTask(task, { run })]);
    const done = await finished(task.name, id);
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
    const id = await enqueue(backend, task, { n: 1 });
    await start([bindTask(task, { run })]);
    expect((await finished(task.name, id)).state).toBe('completed');
    expect(aborted).toEqual([1]);
  });

  it('fails a run that takes too long for good as task-timeout', async () => {
    const task = taskOf({ timeoutMs: 50, attempts: 1 });
    const run: Run = (_payload, { signal }) => delay(60_000, null, { signal });
    const id = await enqueue(backend, task, { n: 1 });
    await start([bindTask(task, { run })]);
    expect((await finished(task.name, id)).job.failedReason).toMatch(/^task-timeout: /);
  });

  it('adds one job per id, however many add it, also after it has run', async () => {
    const task = taskOf();
    let runs = 0;
    const other = await connect();
    try {
      const add = (via: QueueBackend) => enqueue(via, task, { n: 1 }, { jobId: 'bucket-1' });
      await Promise.all([add(backend), add(other), add(backend), add(other)]);
      await start([bindTask(task, { run: async () => (runs += 1) })]);
      await finished(task.name, 'bucket-1');
      await add(other);
      const last = await enqueue(backend, task, { n: 2 });
      await finished(task.name, last);
      expect(runs).toBe(2);
    } finally {
      await other.close();
    }
  });

  it('does not add a job while one with its deduplication key waits, and adds one afterwards', async () => {
    const task = taskOf();
    const seen: number[] = [];
    const add = (n: number) => enqueue(backend, task, { n }, { deduplicationKey: 'one' });
    const first = await add(1);
    expect(await add(2)).toBe(first);
    await start([bindTask(task, { run: async ({ n }) => seen.push(n) })]);
    await finished(task.name, first);
    const third = await until('the key is free again', async () => {
      const id = await add(3);
      return id === first ? null : id;
    });
    await finished(task.name, third);
    expect(seen).toEqual([1, 3]);
  });

  it('shares jobs between workers, each done once', async () => {
    const task = taskOf();
    const seen: number[] = [];
    const run: Run = async ({ n }) => {
      await delay(5);
      seen.push(n);
    };
    const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => enqueue(backend, task, { n })));
    await start([bindTask(task, { run })], { concurrency: 2 });
    await start([bindTask(task, { run })], { concurrency: 2 });
    for (const id of ids) expect((await finished(task.name, id)).state).toBe('completed');
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
    const ids = [await enqueue(backend, task, { n: 1 }), await enqueue(backend, task, { n: 2 })];
    const workers = await start([bindTask(task, { run })]);
    await until('the first job runs', () => begun);
    await workers.stop();
    expect(done).toEqual([1]);
    expect(await (await job(task.name, ids[0]!))?.getState()).toBe('completed');
    expect(await (await job(task.name, ids[1]!))?.getState()).toBe('waiting');
  });

  it('interrupts a job that does not end in time, and another worker takes it up', async () => {
    const task = taskOf();
    let begun = false;
    const stuck: Run = async (_payload, { signal }) => {
      begun = true;
      await delay(60_000, null, { signal });
    };
    const id = await enqueue(backend, task, { n: 1 });
    const workers = await start([bindTask(task, { run: stuck })], { drainMs: 50 });
    await until('the job runs', () => begun);
    await workers.stop();
    await start([bindTask(task, { run: async () => 'done by the other' })]);
    const done = await finished(task.name, id);
    expect([done.state, done.job.returnvalue]).toEqual(['completed', 'done by the other']);
  });

  it('gives the job of a worker that died to another one', async () => {
    const task = taskOf();
    const quick = { lockDurationMs: 400, stalledIntervalMs: 200 };
    const dying = await connect();
    const id = await enqueue(backend, task, { n: 1 });
    const worker = await dying.worker(task.name, () => new Promise<never>(() => undefined), {
      ...quick,
      concurrency: 1,
    });
    await until('the job is taken', async () => (await (await job(task.name, id))?.getState()) === 'active');
    // The connection goes without a word, as with kill -9: locks are no longer renewed.
    await worker.close(true);
    await start([bindTask(task, { run: async () => 'taken over' })], { worker: quick });
    const done = await finished(task.name, id);
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
        [backend, other, backend, other].map((via) => ensureSchedules(via, plan)),
      );
      expect(registered.flat().length).toBeGreaterThanOrEqual(1);
      const queue = await backend.queue(task.name);
      expect(await queue.getJobSchedulersCount()).toBe(1);
      expect(await queue.getJobCountByTypes('waiting', 'delayed')).toBe(1);
      expect(await ensureSchedules(other, plan)).toEqual([]);
      await start([bindTask(task, { run: async () => (runs += 1) })], { schedules: plan });
      await until('three runs', () => runs >= 3);
      expect(await ensureSchedules(other, [schedule(task as never, 60_000, { n: 5 } as never)])).toEqual([
        task.name,
      ]);
      expect((await queue.getJobSchedulers())[0]?.every).toBe(60_000);
    } finally {
      await other.close();
    }
  });

  it('shows dead letters, replays one with all its tries and forgets another', async () => {
    const task = taskOf({ attempts: 2 });
    let healthy = false;
    const run: Run = async ({ n }) => {
      if (!healthy) throw n === 1 ? new FlakyError(true) : new TypeError('x: is undefined');
      return 'after all';
    };
    const first = await enqueue(backend, task, { n: 1 });
    await start([bindTask(task, { run })]);
    await finished(task.name, first);
    const second = await enqueue(backend, task, { n: 2 });
    await finished(task.name, second);

    const letters = await listDeadLetters(backend, [task]);
    expect(
      letters.map(({ jobId, payload, type, message, attempts }) => [jobId, payload, type, message, attempts]),
    ).toEqual([
      [second, { n: 2 }, 'unexpected-error', 'x: is undefined', 1],
      [first, { n: 1 }, 'flaky', 'the node is away', 2],
    ]);
    expect((await listDeadLetters(backend, [task], { type: 'flaky' })).map(({ jobId }) => jobId)).toEqual([
      first,
    ]);
    expect(await queueDepths(backend, [task])).toEqual([
      { task: task.name, waiting: 0, active: 0, delayed: 0, failed: 2 },
    ]);

    healthy = true;
    await replayDeadLetter(backend, task, first);
    expect((await finished(task.name, first)).job.returnvalue).toBe('after all');
    await discardDeadLetter(backend, task, second);
    expect(await listDeadLetters(backend, [task])).toEqual([]);
    for (const gone of [first, second, 'never-there']) {
      await expect(replayDeadLetter(backend, task, gone)).rejects.toMatchObject({
        type: 'dead-letter-not-found',
      });
      await expect(discardDeadLetter(backend, task, gone)).rejects.toMatchObject({ kind: 'not-found' });
    }
  });

  it('does not replay a dead letter whose payload cannot run', async () => {
    const task = taskOf();
    const queue = await backend.queue(task.name);
    const added = await queue.add(task.name, { n: 'seven' });
    await start([bindTask(task, { run: async () => 1 })]);
    await finished(task.name, added.id!);
    await expect(replayDeadLetter(backend, task, added.id!)).rejects.toBeInstanceOf(InvalidPayloadError);
    expect((await listDeadLetters(backend, [task]))[0]).toMatchObject({
      type: 'invalid-payload',
      payload: { n: 'seven' },
    });
  });
}
