import { Histogram } from 'prom-client';
import type { ObserveRun } from '../../jobs/run-task.ts';

/** The runs of this process, as a metric to register, and who tells it of them. */
export interface JobRuns {
  readonly metric: Histogram<'task' | 'outcome'>;
  readonly observe: ObserveRun;
}

/** Counts and times the runs of jobs in this process; unlike the backlogs every worker has its own. */
export function jobRuns(): JobRuns {
  const metric = new Histogram({
    name: 'breakwater_job_duration_seconds',
    help: 'Time of a run of a job in this process, by how it ended: done, retried, failed (for good)',
    labelNames: ['task', 'outcome'] as const,
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 120],
    registers: [],
  });
  return { metric, observe: (task, outcome, seconds) => metric.observe({ task, outcome }, seconds) };
}
