import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { chainSchema } from '../../../chains/registry/chain.ts';
import { relayOutbox } from '../../../db/queries/outbox.ts';
import { addDeliveries, deliveryToSend } from '../../../db/queries/webhook-deliveries.ts';
import { createWebhook } from '../../../db/queries/webhooks.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import { webhookSender } from '../../../gateway/webhooks/deliver.ts';
import { dispatchToWebhooks } from '../../../gateway/webhooks/events.ts';
import { newWebhookSecret } from '../../../gateway/webhooks/sign.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { startWorkers, type Workers } from '../../../jobs/runtime.ts';
import { bindTask } from '../../../jobs/task.ts';
import { enqueueDelivery, webhookDeliver } from '../../../jobs/tasks/webhook-deliver.ts';
import { openTestQueues } from '../../helpers/queues.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';
import { tenancyWorld } from '../support/tenancy.ts';

const HOOK = `wh_${'ab'.repeat(12)}`;
const FIRST = `msg_${'a1'.repeat(16)}`;
const SECOND = `msg_${'b2'.repeat(16)}`;
const database = await useDatabase();
let backend: QueueBackend;
let workers: Workers;
let server: Server;
let url = '';
/** Headers of what the receiver was sent, and what the RPC endpoint was asked. */
const received: IncomingHttpHeaders[] = [];
/** What the worker logged. */
const lines: Record<string, unknown>[] = [];
const logger = createLogger('debug', { write: (line) => lines.push(JSON.parse(line)) });
const answers = [500, 200];

beforeAll(async () => {
  backend = await openTestQueues(database.url);
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      received.push(request.headers);
      response.writeHead(answers.length > 1 ? answers.shift()! : answers[0]!).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  // Nobody listens there: every request is logged, and the endpoint as not used.
  const chain = chainSchema.parse({
    id: 'hub',
    name: 'hub',
    chainId: 31337,
    rpcUrls: ['http://127.0.0.1:9'],
    blockTimeSeconds: 12,
    maxHeadAgeSeconds: 60,
  });
  const reader = createChainReader(chain, { clock: { nowMs: Date.now }, logger });
  const send = webhookSender(true);
  workers = await startWorkers({
    backend,
    logger,
    tasks: [
      bindTask(
        { ...webhookDeliver, backoff: { delayMs: 5, jitter: 0.5 } },
        {
          database,
          send: async (...args) => {
            await reader.pin().catch(() => undefined);
            return send(...args);
          },
        },
      ),
    ],
  });
});
afterAll(async () => {
  await workers?.stop();
  await backend?.close();
  server?.close();
});

test('the id of a request is in the job it causes, its logs, its calls to chains and the delivery, on every try', async () => {
  await createWebhook(
    database,
    { id: HOOK, protocol: 'local', url, events: ['margin.call'], secret: newWebhookSecret() },
    20,
    'test',
  );
  await addDeliveries(database.orm, [
    { id: FIRST, webhook: HOOK, protocol: 'local', event: 'margin.call', body: '{}' },
  ]);
  const { world, close } = await tenancyWorld(database, { allowPrivate: true });
  const answer = await world.app.request(`http://127.0.0.1/v1/webhooks/${HOOK}/deliveries/${FIRST}/replay`, {
    method: 'POST',
    headers: { 'X-Request-Id': 'replay-77' },
  });
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, 'replay-77']);
  await close();
  expect((await deliveryToSend(database.orm, FIRST))?.delivery).toMatchObject({
    round: 1,
    cause: 'replay-77',
  });

  await relayOutbox(database, (entry) => {
    logger.debug({ topic: entry.topic }, 'event');
    return dispatchToWebhooks(database, entry, (delivery) => enqueueDelivery(backend, delivery));
  });
  const queue = await backend.queue(webhookDeliver.name);
  expect((await queue.getJob(`${FIRST}-1`))?.opts.telemetry?.metadata).toBe('replay-77');
  await until('the second try to be done', () => lines.some(({ msg }) => msg === 'job done'));
  expect(received.map((headers) => [headers['webhook-id'], headers['breakwater-request-id']])).toEqual([
    [FIRST, 'replay-77'],
    [FIRST, 'replay-77'],
  ]);
  for (const msg of ['event', 'job failed', 'job done', 'rpc', 'endpoint not used']) {
    const found = lines.filter((line) => line.msg === msg);
    expect(found.length, msg).toBeGreaterThan(0);
    expect(new Set(found.map(({ requestId }) => requestId)), msg).toEqual(new Set(['replay-77']));
  }
  const rpc = lines.find(({ msg }) => msg === 'rpc');
  expect(rpc).toMatchObject({ chain: 'hub', endpoint: 'endpoint 1 (127.0.0.1:9)', ok: false });
});

test('what no request caused names none', async () => {
  lines.length = 0;
  received.length = 0;
  await addDeliveries(database.orm, [
    { id: SECOND, webhook: HOOK, protocol: 'local', event: 'margin.call', body: '{}' },
  ]);
  await enqueueDelivery(backend, { id: SECOND, round: 0 });
  await until('the job to be done', () => lines.some(({ msg }) => msg === 'job done'));
  expect(received.map((headers) => headers['breakwater-request-id'])).toEqual([undefined]);
  expect(lines.filter(({ requestId }) => requestId !== undefined)).toEqual([]);
});
