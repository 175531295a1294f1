import { afterAll, afterEach, beforeAll } from 'vitest';
import { z } from 'zod';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { type StartWorkersOptions, startWorkers, type Workers } from '../../../jobs/runtime.ts';
import { defineTask, type TaskContext } from '../../../jobs/task.ts';
import { BreakwaterError } from '../../../risk/errors.ts';
import { until } from '../../helpers/until.ts';

let serial = 0;
export type Run = (payload: { n: number }, context: TaskContext) => Promise<unknown>;

/** A task with a queue of its own, whose work the test gives. */
export function taskOf(over: { timeoutMs?: number; attempts?: number; concurrency?: number } = {}) {
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

export class FlakyError extends BreakwaterError {
  constructor(retryable: boolean) {
    super('the node is away', { type: 'flaky', kind: 'unavailable', retryable });
  }
}

/** Gives a new connection to the same server each time. */
export type Connect = () => Promise<QueueBackend>;

/** One backend for the tests of a block, and workers that are stopped after each of them. */
export function useQueues(connect: Connect) {
  let backend: QueueBackend;
  const started: Workers[] = [];
  beforeAll(async () => {
    backend = await connect();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((workers) => workers.stop()));
  });
  afterAll(() => backend.close());

  const start = async (tasks: StartWorkersOptions['tasks'], over: Partial<StartWorkersOptions> = {}) => {
    const workers = await startWorkers({ backend, tasks, ...over });
    started.push(workers);
    return workers;
  };
  const job = async (name: string, id: string) => (await backend.queue(name)).getJob(id);
  const finished = async (name: string, id: string) => {
    const state = await until(`job ${id} of ${name} finishes`, async () => {
      const now = await (await job(name, id))?.getState();
      return now === 'completed' || now === 'failed' ? now : null;
    });
    // Read again: what was read before the state may be older than the state.
    return { job: (await job(name, id))!, state };
  };
  return {
    get backend() {
      return backend;
    },
    start,
    job,
    finished,
  };
}
