import type { Task } from './task.ts';
import { factorReturns } from './tasks/factor-returns.ts';
import { forecastRefresh } from './tasks/forecast-refresh.ts';
import { marginSweep } from './tasks/margin-sweep.ts';
import { marginSweepPlan } from './tasks/margin-sweep-plan.ts';
import { modelReview } from './tasks/model-review.ts';
import { outboxRelay } from './tasks/outbox-relay.ts';
import { priceSnapshot } from './tasks/price-snapshot.ts';
import { proposals } from './tasks/proposals.ts';
import { publishPlan } from './tasks/publish-plan.ts';
import { publishSend } from './tasks/publish-send.ts';
import { publishTrack } from './tasks/publish-track.ts';
import { retention } from './tasks/retention.ts';
import { watchEvents } from './tasks/watch-events.ts';
import { webhookDeliver } from './tasks/webhook-deliver.ts';
import { webhookSweep } from './tasks/webhook-sweep.ts';

type AnyTask = Task<unknown, unknown, unknown>;

/** Every task there is, for what looks after the queues without running them. A test compares it with jobs/tasks. */
export const ALL_TASKS: readonly AnyTask[] = [
  factorReturns as AnyTask,
  forecastRefresh as AnyTask,
  marginSweep as AnyTask,
  marginSweepPlan as AnyTask,
  modelReview as AnyTask,
  outboxRelay as AnyTask,
  priceSnapshot as AnyTask,
  proposals as AnyTask,
  publishPlan as AnyTask,
  publishSend as AnyTask,
  publishTrack as AnyTask,
  retention as AnyTask,
  watchEvents as AnyTask,
  webhookDeliver as AnyTask,
  webhookSweep as AnyTask,
];
