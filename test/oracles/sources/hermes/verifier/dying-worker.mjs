// Stands in for a verifying thread: does what a message tells it to.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ id, message }) => {
  if (message === 'die') process.exit(3);
  if (message === 'throw') throw new Error('out of memory');
  if (message === 'hang') for (;;);
  parentPort.postMessage({ id, outcomes: [{ ok: false, refusal: { type: 'echo', message, details: {} } }] });
});
parentPort.postMessage('ready');
