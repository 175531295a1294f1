import { buildSlot } from '../../gateway/demo/hermes/accumulator.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { PriceBook } from '../../oracles/book/price-book.ts';
import { hermesReport, hermesSources, sourcesByPriceId } from '../../oracles/sources/hermes/quotes.ts';
import { createUpdateGate, type GateOutcome } from '../../oracles/sources/hermes/update-gate.ts';
import { cpuSeconds } from '../timing.ts';
import { firstPrice, makeFeed, makeRandom, makeReports, makeUsdcFeed, NOW_MS, priceIdOf } from './data.ts';
import { priceOf } from './feeder.ts';

const FEEDS = 200;
/** Feeds per stream, and so per message. */
const PER_MESSAGE = 100;
const SLOTS = 160;
const WARM_UP_SLOTS = 60;

/**
 * CPU milliseconds between a message and its last verdict: what the latency is made of when nobody else wants the
 * processor. The steps of the ingest one after the other in one thread, the crossing between threads as a copy.
 */
export function cpuOnPath(): { readonly p50: number; readonly p99: number; readonly messages: number } {
  const signer = createDevelopmentSigner({ seed: 'bench path' });
  const feeds = Array.from({ length: FEEDS }, (_, feed) => makeFeed(feed));
  const book = new PriceBook([makeUsdcFeed(), ...feeds]);
  const random = makeRandom();
  book.ingest(makeReports(makeUsdcFeed(), 1, random, NOW_MS, 0.0001));
  feeds.forEach((feed, index) => {
    book.ingest(makeReports(feed, firstPrice(index), random, NOW_MS, 0.0001));
  });
  const listening = sourcesByPriceId(hermesSources(feeds));
  const gate = createUpdateGate([signer.signerSet]);
  const times: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const nowMs = NOW_MS + 100 * slot;
    const publishTimeSeconds = Math.floor(nowMs / 1000);
    const prices = feeds.map((_, feed) => {
      const price = priceOf(feed, slot);
      const fields = { price, conf: price / 5000n, expo: -8, emaPrice: price, emaConf: 1n };
      return {
        priceId: priceIdOf(feed),
        ...fields,
        publishTimeSeconds,
        prevPublishTimeSeconds: publishTimeSeconds,
      };
    });
    const accumulator = buildSlot(signer, BigInt(slot), prices);
    for (let from = 0; from < FEEDS; from += PER_MESSAGE) {
      const indices = Array.from({ length: PER_MESSAGE }, (_, index) => from + index);
      const data = [Buffer.from(accumulator.encode(indices)).toString('base64')];
      const text = JSON.stringify({ binary: { encoding: 'base64', data } });
      let verdicts = 0;
      const seconds = cpuSeconds(() => {
        const outcomes: readonly GateOutcome[] = structuredClone(gate(text));
        for (const outcome of outcomes) {
          if (!outcome.ok) throw new Error(outcome.refusal.message);
          const reports = outcome.prices.flatMap((price) =>
            listening.get(price.priceId)!.map((entry) => hermesReport(entry, price, nowMs)),
          );
          for (const id of book.ingest(reports)) {
            if (book.price(id, nowMs).verdicts.open.usable) verdicts += 1;
          }
        }
      });
      if (verdicts !== PER_MESSAGE)
        throw new Error(`${verdicts} of ${PER_MESSAGE} feeds have a usable verdict`);
      if (slot >= WARM_UP_SLOTS) times.push(1000 * seconds);
    }
  }
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)]!;
  return { p50: at(0.5), p99: at(0.99), messages: sorted.length };
}
