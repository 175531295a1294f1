import { setTimeout as delay } from 'node:timers/promises';
import { BreakwaterError } from '../../risk/errors.ts';

/** A source that stood still, or an answer that was not what it must be. */
export class SelfCheckError extends BreakwaterError {
  override readonly name = 'SelfCheckError';
  constructor(message: string, details: Readonly<Record<string, unknown>>) {
    super(message, { type: 'self-check', kind: 'internal', details });
  }
}

/** One answer of the gateway. @throws SelfCheckError when it is a refusal */
export async function ask<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const body = (await response.json()) as T;
  if (!response.ok) throw new SelfCheckError(`${url} answered ${response.status}`, { body });
  return body;
}

/** The same of what is not there at once (503): asked again until it is. @throws SelfCheckError when it does not come */
export async function askPatiently<T>(url: string, signal: AbortSignal, patienceMs: number): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const response = await fetch(url);
    const body = (await response.json()) as T;
    if (response.ok) return body;
    if (response.status !== 503 || performance.now() > deadline) {
      throw new SelfCheckError(`${url} answered ${response.status}`, { body });
    }
    await delay(250, undefined, { signal });
  }
}
