import { Worker } from 'node:worker_threads';
import { BreakwaterError } from '../../risk/errors.ts';
import type { AnalysisTask, RunAnalysis } from './analysis.ts';
import { AnalysisBusyError, AnalysisTooLargeError } from './analysis-errors.ts';
import type { AnalysisReply } from './analysis-worker.ts';

const BOOT = new URL('./analysis-boot.mjs', import.meta.url);
/** Analyses that may wait or run: in all, and of one protocol, so that one cannot keep all others waiting. */
const MAX_PENDING = 32;
const MAX_PENDING_OF_ONE = 8;

interface Pending {
  readonly protocol: string;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * Runs analyses one after the other in a thread of their own, so that a search over a large book holds up nobody
 * else. The thread starts with the first analysis, and anew after it has died; it does not keep the process alive.
 */
export class AnalysisThread {
  readonly #pending = new Map<number, Pending>();
  readonly #boot: URL;
  #worker: Worker | null = null;
  #nextId = 1;
  #closed = false;

  /** `boot` is the module that the thread runs. */
  constructor(boot: URL = BOOT) {
    this.#boot = boot;
  }

  /** @throws AnalysisTooLargeError, AnalysisBusyError */
  readonly run: RunAnalysis = (protocol, task) =>
    new Promise((resolve, reject) => {
      this.#admit(protocol);
      const id = this.#nextId++;
      this.#pending.set(id, { protocol, resolve: resolve as (result: unknown) => void, reject });
      try {
        this.#send(id, task as AnalysisTask);
      } catch (error) {
        this.#pending.delete(id);
        throw error;
      }
    });

  /** Ends the thread; what was not answered is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#fail(new AnalysisBusyError('the service is stopping'));
    await worker?.terminate();
  }

  #admit(protocol: string): void {
    if (this.#closed) throw new AnalysisBusyError('the service is stopping');
    const own = [...this.#pending.values()].filter((pending) => pending.protocol === protocol).length;
    if (own >= MAX_PENDING_OF_ONE) throw new AnalysisBusyError(`${own} of yours are waiting`);
    if (this.#pending.size >= MAX_PENDING) throw new AnalysisBusyError('too many are waiting');
  }

  #send(id: number, task: AnalysisTask): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, task });
  }

  #start(): Worker {
    const worker = new Worker(this.#boot, { execArgv: [] });
    worker.unref();
    worker.on('message', (reply: AnalysisReply) => {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if ('result' in reply) pending?.resolve(reply.result);
      else if ('tooLarge' in reply) pending?.reject(new AnalysisTooLargeError(reply.tooLarge));
      else if ('refusal' in reply) pending?.reject(new BreakwaterError(reply.refusal.message, reply.refusal));
      else pending?.reject(reply.error);
    });
    worker.on('error', (error) => this.#died(worker, error));
    worker.on('exit', () => this.#died(worker, new AnalysisBusyError('the thread ended')));
    return worker;
  }

  #died(worker: Worker, error: unknown): void {
    if (this.#worker === worker) this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#worker = null;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const one of pending) one.reject(error);
  }
}
