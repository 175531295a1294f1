/** The process under load: 100,000 accounts over a price book that Hermes messages move, and the event stream over HTTP. */
import { createApp } from '../../gateway/app/app.ts';
import { createLogger } from '../../gateway/app/logger.ts';
import { serve } from '../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../gateway/auth/keys.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { StatusWatch } from '../../gateway/engine/status-watch.ts';
import { EventHub } from '../../gateway/stream/event-hub.ts';
import { StreamPublisher } from '../../gateway/stream/publisher.ts';
import { hermesReport, hermesSources, sourcesByPriceId } from '../../oracles/sources/hermes/quotes.ts';
import { createUpdateGate } from '../../oracles/sources/hermes/update-gate.ts';
import { edgeAccount, otherAccount, SEED } from './status-books.ts';
import { KEY } from './targets.ts';
import { benchWorld } from './world.ts';

const accounts = Number(process.argv[2]);
const edges = Number(process.argv[3]);

const world = benchWorld({ hermesOnly: true });
const { signerSet } = createDevelopmentSigner({ seed: SEED });
const gate = createUpdateGate([signerSet]);
const listening = sourcesByPriceId(hermesSources(world.feeds));
const take = (text: string) => {
  const nowMs = Date.now();
  for (const outcome of gate(text)) {
    if (!outcome.ok) throw new Error(outcome.refusal.message);
    const reports = outcome.prices.flatMap((price) =>
      (listening.get(price.priceId) ?? []).map((entry) => hermesReport(entry, price, nowMs)),
    );
    world.book.ingest(reports);
  }
};

const events = new EventHub({ window: 1000, nowMs: Date.now });
const publisher = new StreamPublisher({
  publish: (event) => events.publish(event),
  prices: world.ports.prices,
  forecasts: world.ports.forecasts,
});
const watch = new StatusWatch({
  inputs: (protocol, portfolio) => world.margin.inputs(protocol, portfolio),
  prices: world.book,
  clock: world.ports.clock,
  tell: (change) => publisher.marginChanged(change),
  warn: (error) => {
    throw error;
  },
});
world.book.subscribe((feedIds) => watch.feedsChanged(feedIds));

const app = createApp({
  ports: { ...world.ports, events },
  logger: createLogger('info'),
  apiKeys: parseApiKeys(`local:${hashKey(KEY)}`).keys,
});
const server = await serve(app, { host: '127.0.0.1', port: 0 });

process.on('message', (message: { hermes: string } | 'load' | 'cpu' | 'stop') => {
  if (message === 'cpu') process.send?.(process.cpuUsage());
  else if (message === 'load') {
    for (let i = 0; i < accounts; i++) watch.set(otherAccount(i));
    for (let i = 0; i < edges; i++) watch.set(edgeAccount(i));
    const loaded = () => {
      if (watch.waiting > 0) setTimeout(loaded, 50);
      else process.send?.({ watched: watch.size, rssMb: process.memoryUsage().rss / 2 ** 20 });
    };
    loaded();
  } else if (message === 'stop') {
    watch.stop();
    void server.close().then(() => process.exit(0));
  } else take(message.hermes);
});
process.send?.({ url: server.url });
