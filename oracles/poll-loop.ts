import { backoffMs, pause } from './backoff.ts';

export interface PollLoopOptions {
  /** Wall-time from the start of one round to the start of the next. */
  readonly intervalMs: number;
  /** Longest wait after failures in a row. */
  readonly maxBackoffMs: number;
  /** One round; resolves to whether it succeeded. A rejection counts as a failure. */
  readonly round: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

export interface PollLoop {
  readonly failuresInRow: number;
  stop(): Promise<void>;
}

/** Runs rounds one after another, never two at once; waits longer, with jitter, while they fail. Never throws. */
export function startPollLoop({ intervalMs, maxBackoffMs, round, onError }: PollLoopOptions): PollLoop {
  const stopping = new AbortController();
  let failures = 0;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const startedMs = Date.now();
      let succeeded = false;
      try {
        succeeded = await round();
      } catch (error) {
        onError(error);
      }
      failures = succeeded ? 0 : failures + 1;
      const options = { minMs: intervalMs, maxMs: maxBackoffMs, random: Math.random };
      const waitMs = succeeded
        ? intervalMs - (Date.now() - startedMs)
        : Math.max(intervalMs / 2, backoffMs(failures, options));
      await pause(Math.max(0, waitMs), stopping.signal);
    }
  };
  const running = run();
  return {
    get failuresInRow() {
      return failures;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
