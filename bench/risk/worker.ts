import { parentPort, workerData } from 'node:worker_threads';
import { type BatchHandle, openBatch } from '../../risk/batch/batch.ts';
import { marginAccounts } from '../../risk/batch/margin.ts';

/** A second thread on the memory of a batch: margins its range of accounts for every message. */
const { handle, from, to } = workerData as { handle: BatchHandle; from: number; to: number };
const thread = openBatch(handle);
parentPort!.on('message', () => {
  marginAccounts(thread, from, to);
  parentPort!.postMessage('done');
});
parentPort!.postMessage('ready');
