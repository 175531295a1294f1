import { parentPort, workerData } from 'node:worker_threads';
import { startHermesServer } from '../../gateway/demo/hermes/server.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { firstPrice, priceIdOf } from './data.ts';
import { sharedNow } from './threads.ts';

export interface FeederData {
  readonly feeds: number;
  readonly intervalMs: number;
  readonly slots: number;
  readonly seed: string;
  /** Time at which each slot was handed to the sockets, one double per slot. */
  readonly sentAt: SharedArrayBuffer;
}

export const FIRST_SLOT = 1000n;

/** Price of a feed in a slot, in units of 1e-8: the same in every run. */
export const priceOf = (feed: number, slot: number): bigint =>
  BigInt(Math.round(firstPrice(feed) * 1e8)) + BigInt((feed * 7919 + slot * 104_729) % 1000) * 100n;

/** A Hermes server in a thread of its own: signs a slot with all feeds at every interval, and says when it sent it. */
if (parentPort !== null) {
  const port = parentPort;
  const { feeds, intervalMs, slots, seed, sentAt } = workerData as FeederData;
  const sent = new Float64Array(sentAt);
  const signer = createDevelopmentSigner({ seed });
  const server = await startHermesServer({ port: 0, host: '127.0.0.1', signer, firstSlot: FIRST_SLOT });
  const publish = (slot: number) => {
    const publishTimeSeconds = Math.floor(Date.now() / 1000);
    server.publish(
      Array.from({ length: feeds }, (_, feed) => {
        const price = priceOf(feed, slot);
        const conf = price / 5000n;
        const times = { publishTimeSeconds, prevPublishTimeSeconds: publishTimeSeconds - 1 };
        return { priceId: priceIdOf(feed), price, conf, expo: -8, ...times, emaPrice: price, emaConf: conf };
      }),
    );
    sent[slot] = sharedNow();
  };
  publish(0);
  port.postMessage(server.url);
  let slot = 0;
  port.on('message', (order: 'go' | 'stop') => {
    if (order === 'stop') {
      clearInterval(timer);
      void server.stop().then(() => port.close());
      return;
    }
    timer = setInterval(() => {
      slot += 1;
      publish(slot);
      if (slot + 1 >= slots) {
        clearInterval(timer);
        port.postMessage('done');
      }
    }, intervalMs);
  });
  let timer: NodeJS.Timeout | undefined;
}
