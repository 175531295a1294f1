import { silentLogger } from '../../db/logger.ts';
import type { TaskContext } from '../../jobs/task.ts';

/** What a run is told, for tests that call a task directly. */
export const context: TaskContext = {
  signal: new AbortController().signal,
  jobId: 'test',
  attempt: 1,
  logger: silentLogger,
};
