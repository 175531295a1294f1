import { describe, expect, it } from 'vitest';
import {
  discardDeadLetter,
  listDeadLetters,
  queueDepths,
  replayDeadLetter,
} from '../../../jobs/dead-letters.ts';
import { enqueue } from '../../../jobs/enqueue.ts';
import { InvalidPayloadError } from '../../../jobs/errors.ts';
import { bindTask } from '../../../jobs/task.ts';
import { type Connect, FlakyError, type Run, taskOf, useQueues } from './harness.ts';

/** Jobs that failed for good. */
export function deadLetterSuite(connect: Connect): void {
  describe('dead letters', () => {
    const queues = useQueues(connect);

    it('shows dead letters, replays one with all its tries and forgets another', async () => {
      const task = taskOf({ attempts: 2 });
      let healthy = false;
      const run: Run = async ({ n }) => {
        if (!healthy) throw n === 1 ? new FlakyError(true) : new TypeError('x: is undefined');
        return 'after all';
      };
      const first = await enqueue(queues.backend, task, { n: 1 });
      await queues.start([bindTask(task, { run })]);
      await queues.finished(task.name, first);
      const second = await enqueue(queues.backend, task, { n: 2 });
      await queues.finished(task.name, second);

      const letters = await listDeadLetters(queues.backend, [task]);
      expect(
        letters.map(({ jobId, payload, type, message, attempts }) => [
          jobId,
          payload,
          type,
          message,
          attempts,
        ]),
      ).toEqual([
        [second, { n: 2 }, 'unexpected-error', 'x: is undefined', 1],
        [first, { n: 1 }, 'flaky', 'the node is away', 2],
      ]);
      expect(
        (await listDeadLetters(queues.backend, [task], { type: 'flaky' })).map(({ jobId }) => jobId),
      ).toEqual([first]);
      expect(await queueDepths(queues.backend, [task])).toEqual([
        { task: task.name, waiting: 0, active: 0, delayed: 0, failed: 2 },
      ]);

      healthy = true;
      await replayDeadLetter(queues.backend, task, first);
      expect((await queues.finished(task.name, first)).job.returnvalue).toBe('after all');
      await discardDeadLetter(queues.backend, task, second);
      expect(await listDeadLetters(queues.backend, [task])).toEqual([]);
      for (const gone of [first, second, 'never-there']) {
        await expect(replayDeadLetter(queues.backend, task, gone)).rejects.toMatchObject({
          type: 'dead-letter-not-found',
        });
        await expect(discardDeadLetter(queues.backend, task, gone)).rejects.toMatchObject({
          kind: 'not-found',
        });
      }
    });

    it('does not replay a dead letter whose payload cannot run', async () => {
      const task = taskOf();
      const queue = await queues.backend.queue(task.name);
      const added = await queue.add(task.name, { n: 'seven' });
      await queues.start([bindTask(task, { run: async () => 1 })]);
      await queues.finished(task.name, added.id!);
      await expect(replayDeadLetter(queues.backend, task, added.id!)).rejects.toBeInstanceOf(
        InvalidPayloadError,
      );
      expect((await listDeadLetters(queues.backend, [task]))[0]).toMatchObject({
        type: 'invalid-payload',
        payload: { n: 'seven' },
      });
    });
  });
}
