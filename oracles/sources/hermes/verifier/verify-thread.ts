import { Worker } from 'node:worker_threads';
import { backoffMs } from '../../../backoff.ts';
import type { SignerSet } from '../../../config/feeds.ts';
import { UpdateTooLargeError } from '../../../pyth/errors.ts';
import { type GateOutcome, type HermesMessage, MAX_MESSAGE_CHARACTERS } from '../update-gate.ts';
import { takeLeastMissed, type Waiting } from './waiting-list.ts';
import type { VerifyReply, VerifyTask } from './worker.ts';

const BOOT = new URL('./boot.mjs', import.meta.url);

export interface VerifierOptions {
  readonly signerSets: readonly SignerSet[];
  /** Wall time that one message may take; a thread that takes longer is replaced. */
  readonly timeoutMs?: number;
  /** Wall time in which a thread must be ready; it compiles its code first. */
  readonly bootTimeoutMs?: number;
  /** Messages that may wait; beyond, the newest of every feed is kept. */
  readonly maxWaiting?: number;
  /** Wait before the second thread in a row that died without having verified anything; doubles up to `maxBackoffMs`. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
  /** Module that the thread runs. */
  readonly boot?: URL;
  /** Told of every thread that died; `deaths` in a row without an answer in between. */
  readonly onDeath?: (reason: string, deaths: number) => void;
}

export interface VerifierHealth {
  readonly state: 'starting' | 'ready' | 'waiting' | 'stopped';
  /** Threads that died. */
  readonly deaths: number;
  readonly lastDeath: string | null;
  readonly waiting: number;
  /** Messages left out because newer ones had their prices, and those lost with a thread. */
  readonly leftOut: number;
}

export interface UpdateVerifier {
  /**
   * What a message holds, in the order in which messages were given; null when it was left out for newer ones, or lost
   * with its thread. Never rejects.
   */
  verify(message: HermesMessage): Promise<readonly GateOutcome[] | null>;
  health(): VerifierHealth;
  stop(): Promise<void>;
}

/** Refused before it is copied to the thread. */
function tooLarge(text: string): GateOutcome {
  const { type, message, details } = new UpdateTooLargeError(
    'stream message',
    text.length,
    MAX_MESSAGE_CHARACTERS,
  );
  return { ok: false, refusal: { type, message, details } };
}

/** Messages at the thread: one in work and one at hand, so that it never idles and little is lost with it. */
const AT_THREAD = 2;

interface Entry extends Waiting {
  readonly resolve: (outcomes: readonly GateOutcome[] | null) => void;
}

/**
 * Verifies Hermes messages in a thread of its own: signatures cost milliseconds, and the event loop serves prices. The
 * thread does not keep the process alive. One that dies or hangs is replaced, and the message it had in work is lost
 * with it, so that no message can kill twice.
 */
export class VerifyThread implements UpdateVerifier {
  readonly #options: Required<Omit<VerifierOptions, 'onDeath'>> & Pick<VerifierOptions, 'onDeath'>;
  readonly #waiting: Entry[] = [];
  readonly #atThread = new Map<number, Entry>();
  #worker: Worker | null = null;
  #state: VerifierHealth['state'] = 'starting';
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #deaths = 0;
  #deathsInRow = 0;
  #lastDeath: string | null = null;
  #leftOut = 0;

  constructor(options: VerifierOptions) {
    this.#options = {
      timeoutMs: 5_000,
      bootTimeoutMs: 30_000,
      maxWaiting: 64,
      minBackoffMs: 200,
      maxBackoffMs: 10_000,
      boot: BOOT,
      ...options,
    };
    this.#start();
  }

  verify(message: HermesMessage): Promise<readonly GateOutcome[] | null> {
    if (this.#state === 'stopped') return Promise.resolve(null);
    if (typeof message === 'string' && message.length > MAX_MESSAGE_CHARACTERS)
      return Promise.resolve([tooLarge(message)]);
    return new Promise((resolve) => {
      this.#waiting.push({ message, resolve });
      if (this.#waiting.length > this.#options.maxWaiting) this.#leaveOut(takeLeastMissed(this.#waiting));
      this.#feed();
    });
  }

  health(): VerifierHealth {
    return {
      state: this.#state,
      deaths: this.#deaths,
      lastDeath: this.#lastDeath,
      waiting: this.#waiting.length + this.#atThread.size,
      leftOut: this.#leftOut,
    };
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = null;
    for (const entry of [...this.#atThread.values(), ...this.#waiting]) entry.resolve(null);
    this.#atThread.clear();
    this.#waiting.length = 0;
    await worker?.terminate();
  }

  #leaveOut(entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#leftOut += 1;
    entry.resolve(null);
  }

  #start(): void {
    this.#state = 'starting';
    const { boot, signerSets, bootTimeoutMs } = this.#options;
    const worker = new Worker(boot, { execArgv: [], workerData: { signerSets } });
    this.#worker = worker;
    worker.unref();
    worker.on('message', (reply: VerifyReply) => {
      if (this.#worker === worker) this.#answered(reply);
    });
    worker.on('error', (error) => this.#died(worker, `died: ${error.message}`));
    worker.on('exit', (code) => this.#died(worker, `ended with code ${code}`));
    this.#expect(worker, bootTimeoutMs, 'did not start in time');
  }

  #expect(worker: Worker, withinMs: number, otherwise: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#died(worker, otherwise), withinMs);
    this.#timer.unref();
  }

  #answered(reply: VerifyReply): void {
    clearTimeout(this.#timer);
    if (reply === 'ready') this.#state = 'ready';
    else {
      this.#deathsInRow = 0;
      const entry = this.#atThread.get(reply.id);
      this.#atThread.delete(reply.id);
      entry?.resolve(reply.outcomes);
      if (this.#atThread.size > 0) this.#expectAnswer();
    }
    this.#feed();
  }

  #expectAnswer(): void {
    if (this.#worker !== null) this.#expect(this.#worker, this.#options.timeoutMs, 'did not answer in time');
  }

  #feed(): void {
    while (this.#state === 'ready' && this.#atThread.size < AT_THREAD) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      const id = this.#nextId++;
      if (this.#atThread.size === 0) this.#expectAnswer();
      this.#atThread.set(id, entry);
      this.#worker?.postMessage({ id, message: entry.message } satisfies VerifyTask);
    }
  }

  #died(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    clearTimeout(this.#timer);
    void worker.terminate();
    this.#deaths += 1;
    this.#lastDeath = reason;
    // The one in work may be what killed it; the one at hand was not looked at.
    const [inWork, ...atHand] = this.#atThread.values();
    this.#atThread.clear();
    this.#leaveOut(inWork);
    this.#waiting.unshift(...atHand);
    const { minBackoffMs: minMs, maxBackoffMs: maxMs, onDeath } = this.#options;
    const waitMs =
      this.#deathsInRow === 0 ? 0 : backoffMs(this.#deathsInRow - 1, { minMs, maxMs, random: Math.random });
    this.#deathsInRow += 1;
    this.#state = 'waiting';
    this.#timer = setTimeout(() => this.#start(), waitMs);
    this.#timer.unref();
    onDeath?.(reason, this.#deathsInRow);
  }
}
