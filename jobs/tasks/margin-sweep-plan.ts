import { z } from 'zod';
import type { Clock } from '../../risk/units/time.ts';
import { bucketOf } from '../buckets.ts';
import { enqueue } from '../enqueue.ts';
import type { QueueBackend } from '../queues/backend.ts';
import { defineTask } from '../task.ts';
import { marginSweep } from './margin-sweep.ts';

export interface MarginSweepPlanPorts {
  readonly backend: QueueBackend;
  /** Market time. */
  readonly clock: Clock;
  /** Market time between two sweeps. */
  readonly intervalMs: number;
  /** Parts that workers share. Every process must use the same number. */
  readonly shards: number;
}

/**
 * Plans the sweep of the present interval of market time: one job per shard, whose id names interval and shard, so
 * that however many planners run, each shard of an interval is swept once. A shard that still waits or runs is left
 * out: sweeps that are slower than the interval do not pile up. (BullMQ's deduplication key would stay for ever when
 * a job that is already done is added again under its id.)
 */
export const marginSweepPlan = defineTask({
  name: 'margin-sweep-plan',
  payload: z.strictObject({}),
  timeoutMs: 15_000,
  attempts: 3,
  backoff: { delayMs: 500, jitter: 0.5 },
  async run(_payload, ports: MarginSweepPlanPorts) {
    const asOfMs = bucketOf(ports.clock.nowMs(), ports.intervalMs);
    const count = ports.shards;
    const queue = await ports.backend.queue(marginSweep.name);
    const unfinished = await queue.getJobs(['waiting', 'active', 'delayed']);
    const busy = new Set(unfinished.map((job) => job?.data.shard.index));
    for (let index = 0; index < count; index += 1) {
      if (busy.has(index)) continue;
      const jobId = `sweep-${asOfMs}-${index}-of-${count}`;
      await enqueue(ports.backend, marginSweep, { asOfMs, shard: { index, count } }, { jobId });
    }
    return { asOfMs, shards: count - busy.size };
  },
});
