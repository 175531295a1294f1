/** The process under load: the gateway's application and, beside it, a bare Hono handler that gives the same bytes. */
import { Hono } from 'hono';
import { createApp } from '../../gateway/app/app.ts';
import { createLogger } from '../../gateway/app/logger.ts';
import { serve } from '../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../gateway/auth/keys.ts';
import { inMemoryRateLimiter } from '../../gateway/limits/rate-limiter.ts';
import { EventHub } from '../../gateway/stream/event-hub.ts';
import { jsonRequest } from '../../test/gateway/support/gateway.ts';
import { BOOK, KEY, TARGETS } from './targets.ts';
import { benchWorld, TICK_MS } from './world.ts';

const world = benchWorld();
const ticking = setInterval(() => world.tick(), TICK_MS);
const events = new EventHub({ window: 1000, nowMs: Date.now });
const app = createApp({
  ports: { ...world.ports, events },
  logger: createLogger('info'),
  apiKeys: parseApiKeys(`local:${hashKey(KEY)}`).keys,
  rateLimiter: inMemoryRateLimiter({ limit: 1e12, windowSeconds: 60, nowMs: Date.now }),
});
const headers = { Authorization: `Bearer ${KEY}` };
const stored = await app.request(
  '/v1/accounts/alice/positions',
  jsonRequest('PUT', { sequence: 1, ...BOOK }, headers),
);
if (stored.status !== 200) throw new Error(await stored.text());

const bare = new Hono();
for (const { method, path, body } of TARGETS) {
  const init = body === null ? { headers } : jsonRequest(method, body, headers);
  const answer = await app.request(path, init);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${text}`);
  if (body === null) bare.get(path, (c) => c.body(text, 200, { 'Content-Type': 'application/json' }));
  else {
    bare.post(path, async (c) => {
      await c.req.json();
      return c.body(text, 200, { 'Content-Type': 'application/json' });
    });
  }
}
const servers = await Promise.all([app, bare].map((one) => serve(one, { host: '127.0.0.1', port: 0 })));

process.on('message', (ask: 'cpu' | 'event' | 'stop') => {
  if (ask === 'cpu') process.send?.(process.cpuUsage());
  else if (ask === 'event') {
    events.publish({ topic: 'price', subject: 'BTC-USD', protocol: null, data: { sentAtMs: Date.now() } });
  } else {
    clearInterval(ticking);
    void Promise.all(servers.map((server) => server.close())).then(() => process.exit(0));
  }
});
process.send?.({ gateway: servers[0]!.url, bare: servers[1]!.url });
