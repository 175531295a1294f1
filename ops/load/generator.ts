import { Agent, request } from 'node:http';
import { OperationTally } from './tally.ts';

/** A request that goes out at its time, whether or not those before it have been answered. */
export interface DueRequest {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly key: string;
  readonly body: string | null;
  answered?(status: number): void;
}

const TIMEOUT_MS = 15_000;
const TICK_MS = 5;
/** Sockets per gateway. Those that have no request stay open. */
const MOST_SOCKETS = 64;

/** Open-loop load over kept connections: the rate does not fall because answers are slow. */
export class Generator {
  readonly tallies = new Map<string, OperationTally>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS });
  #underway = 0;

  /** Sends `perSecond` requests, evenly, until `ended` says so. */
  async run(perSecond: number, next: () => DueRequest, ended: () => boolean): Promise<void> {
    const beganMs = performance.now();
    let sent = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (ended()) {
          clearInterval(timer);
          resolve();
          return;
        }
        const due = Math.floor(((performance.now() - beganMs) * perSecond) / 1000);
        for (; sent < due; sent += 1) void this.send(next(), beganMs + (sent * 1000) / perSecond);
      }, TICK_MS);
    });
  }

  /** @returns the status, or what went wrong on the way */
  async send(due: DueRequest, dueMs = performance.now()): Promise<string> {
    const tally = this.#tally(due.operation);
    tally.planned += 1;
    this.#underway += 1;
    const [outcome, text] = await this.#exchange(due);
    this.#underway -= 1;
    tally.take(outcome, performance.now() - dueMs, text);
    due.answered?.(Number(outcome));
    return outcome;
  }

  /** Waits for the answers that are still out, each of which comes or times out. */
  async finish(): Promise<void> {
    while (this.#underway > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#agent.destroy();
  }

  #tally(operation: string): OperationTally {
    let tally = this.tallies.get(operation);
    if (tally === undefined) {
      tally = new OperationTally();
      this.tallies.set(operation, tally);
    }
    return tally;
  }

  #exchange({ method, url, key, body }: DueRequest): Promise<readonly [string, string]> {
    return new Promise((resolve) => {
      const headers: Record<string, string | number> = { authorization: `Bearer ${key}` };
      if (body !== null) {
        headers['content-type'] = 'application/json';
        headers['content-length'] = Buffer.byteLength(body);
      }
      const outgoing = request(url, { method, headers, agent: this.#agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve([String(answer.statusCode), Buffer.concat(chunks).toString('utf8')] as const),
        );
        answer.on('error', (error) => resolve(['answer broke off', error.message] as const));
      });
      outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new Error('timeout')));
      outgoing.on('error', (error: NodeJS.ErrnoException) =>
        resolve([error.code ?? error.message, error.message] as const),
      );
      outgoing.end(body ?? undefined);
    });
  }
}
