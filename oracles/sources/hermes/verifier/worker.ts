import { parentPort, workerData } from 'node:worker_threads';
import type { SignerSet } from '../../../config/feeds.ts';
import { createUpdateGate, type GateOutcome, type HermesMessage } from '../update-gate.ts';

/** What the thread is asked, one message of Hermes at a time and in order. */
export interface VerifyTask {
  readonly id: number;
  readonly message: HermesMessage;
}

/** What it answers, in the same order; `ready` comes first, once. */
export type VerifyReply = 'ready' | { readonly id: number; readonly outcomes: readonly GateOutcome[] };

const port = parentPort;
if (port !== null) {
  const gate = createUpdateGate((workerData as { readonly signerSets: readonly SignerSet[] }).signerSets);
  port.on('message', ({ id, message }: VerifyTask) => {
    port.postMessage({ id, outcomes: gate(message) } satisfies VerifyReply);
  });
  port.postMessage('ready' satisfies VerifyReply);
}
