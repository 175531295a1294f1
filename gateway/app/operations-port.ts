import type { Backlog } from '../../db/queries/operations.ts';
import type { QueueDepth } from '../../jobs/dead-letters.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import type { ChainHealth } from '../../oracles/ingest.ts';
import type { JobRuns } from './job-runs.ts';

/** What the operator of a deployment watches; each part is null while it cannot be read. */
export interface OperationsFigures {
  readonly backlog: Backlog | null;
  readonly queues: readonly QueueDepth[] | null;
}

/** The inside of a deployment, for metrics and the operator. */
export interface OperationsPort {
  /** Never throws, and answers within seconds. */
  figures(): Promise<OperationsFigures>;
  /** How the reading of each chain goes in this process. */
  chains(): readonly ChainHealth[];
  /** The runs of jobs of this process; left out where it runs none. */
  readonly runs?: JobRuns;
  /** The job queues, opened on first use. @throws QueueUnavailableError of jobs/errors.ts */
  queues(): Promise<QueueBackend>;
}
