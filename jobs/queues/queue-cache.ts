import type { Queue, Worker } from 'bullmq';
import type { Logger } from '../../db/logger.ts';
import { QueueUnavailableError } from '../errors.ts';

/** The same error of the same queue is logged at most this often. */
const QUIET_MS = 5_000;

/** One ready queue per name. A queue that does not become ready is forgotten, so that the next call tries anew. */
export class QueueCache {
  readonly #queues = new Map<string, Promise<Queue>>();
  readonly #make: (name: string) => Queue;
  readonly #logger: Logger;
  readonly #reported = new Map<string, number>();

  constructor(make: (name: string) => Queue, logger: Logger) {
    this.#make = make;
    this.#logger = logger;
  }

  get(name: string): Promise<Queue> {
    const known = this.#queues.get(name);
    if (known) return known;
    const fresh = this.adopt(this.#make(name));
    this.#queues.set(name, fresh);
    fresh.catch(() => this.#queues.delete(name));
    return fresh;
  }

  /** Waits until a queue or worker is ready and takes over its error events, which would end the process. */
  async adopt<T extends Queue | Worker>(part: T): Promise<T> {
    (part as Queue).on('error', (error) => this.#report(part.name, error));
    try {
      await part.waitUntilReady();
      return part;
    } catch (error) {
      await part.close().catch(() => undefined);
      throw new QueueUnavailableError(error instanceof Error ? error.message : String(error), error);
    }
  }

  /** An outage makes every worker say the same again and again. */
  #report(queue: string, error: Error): void {
    const now = Date.now();
    const key = `${queue} ${error.message}`;
    if (now - (this.#reported.get(key) ?? 0) < QUIET_MS) return;
    if (this.#reported.size > 1_000) this.#reported.clear();
    this.#reported.set(key, now);
    this.#logger.warn({ err: error, queue }, 'the job queue reports an error');
  }

  /** Closes every queue; one whose server is gone cannot say good-bye and is left after a while. */
  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#queues.values());
    this.#queues.clear();
    const queues = settled.flatMap((queue) => (queue.status === 'fulfilled' ? [queue.value] : []));
    const closed = await withinReason(Promise.allSettled(queues.map((queue) => queue.close())));
    if (!closed) for (const queue of queues) queue.disconnect().catch(() => undefined);
  }
}

/** How long closing may take without an answer. */
const GOODBYE_MS = 3_000;

/** Waits for `work`, but not for ever: the process is stopping, and the server may be gone. @returns whether it ended. */
export async function withinReason(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), GOODBYE_MS);
  });
  const ended = await Promise.race([work.then(() => true as const), late]);
  clearTimeout(timer);
  return ended;
}
