import type { Queue, Worker } from 'bullmq';
import type { Logger } from '../../db/logger.ts';
import { QueueUnavailableError } from '../errors.ts';

/** One ready queue per name. A queue that does not become ready is forgotten, so that the next call tries anew. */
export class QueueCache {
  readonly #queues = new Map<string, Promise<Queue>>();
  readonly #make: (name: string) => Queue;
  readonly #logger: Logger;

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
    (part as Queue).on('error', (error) =>
      this.#logger.warn({ err: error, queue: part.name }, 'the job queue reports an error'),
    );
    try {
      await part.waitUntilReady();
      return part;
    } catch (error) {
      await part.close().catch(() => undefined);
      throw new QueueUnavailableError(error instanceof Error ? error.message : String(error), error);
    }
  }

  async close(): Promise<void> {
    const queues = await Promise.allSettled(this.#queues.values());
    this.#queues.clear();
    await Promise.all(
      queues.map((queue) => (queue.status === 'fulfilled' ? queue.value.close() : undefined)),
    );
  }
}
