import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { addToOutbox, relayOutbox } from '../../../db/queries/outbox.ts';
import { listDeliveries, replayDelivery } from '../../../db/queries/webhook-deliveries.ts';
import { createWebhook } from '../../../db/queries/webhooks.ts';
import { dispatchToWebhooks, toldBy } from '../../../gateway/webhooks/events.ts';
import { sendWebhook } from '../../../gateway/webhooks/send.ts';
import { newWebhookSecret, signedHeaders } from '../../../gateway/webhooks/sign.ts';
import { listDeadLetters } from '../../../jobs/dead-letters.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { startWorkers, type Workers } from '../../../jobs/runtime.ts';
import { bindTask } from '../../../jobs/task.ts';
import { enqueueDelivery, webhookDeliver } from '../../../jobs/tasks/webhook-deliver.ts';
import { webhookSweep } from '../../../jobs/tasks/webhook-sweep.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { openTestQueues } from '../../helpers/queues.ts';
import { context } from '../../helpers/task-context.ts';
import { until } from '../../helpers/until.ts';

/** The task with waits that a test can wait for. */
const quick = { ...webhookDeliver, backoff: { delayMs: 5, jitter: 0.5 } };
const SECRET = newWebhookSecret();
const T0 = Date.UTC(2026, 2, 14, 15);

interface Received {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

let postgres: TestPostgres;
let backend: QueueBackend;
let database: Database;
let workers: Workers;
let server: Server;
let received: Received[] = [];
/** Answers in turn; the last one stays. */
let answers: number[] = [200];
let url = '';

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name]);
      received.push({
        id: header('webhook-id'),
        timestamp: header('webhook-timestamp'),
        signature: header('webhook-signature'),
        body,
      });
      response.writeHead(answers.length > 1 ? answers.shift()! : answers[0]!).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
beforeEach(async () => {
  database = await postgres.openMigrated();
  backend = await openTestQueues(database.url);
  received = [];
  answers = [200];
  workers = await startWorkers({
    backend,
    tasks: [
      bindTask(quick, {
        database,
        send: ({ url: to, secret }, { id, body }, signal) => {
          const headers = signedHeaders(secret, {
            id,
            timestampSeconds: Math.floor(Date.now() / 1000),
            body,
          });
          return sendWebhook(to, { headers, body }, { allowPrivate: true }, signal);
        },
      }),
    ],
  });
});
afterEach(async () => {
  await workers.stop();
  await backend.close();
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await postgres.stop();
});

const enqueue = (delivery: { readonly id: string; readonly round: number }) =>
  enqueueDelivery(backend, delivery, quick as never);
const hook = (protocol: string, id: string, events: string[]) =>
  createWebhook(database, { id, protocol, url, events, secret: SECRET }, 20, 'test');
const relay = () => relayOutbox(database, (entry) => dispatchToWebhooks(database, entry, enqueue));
const called = (account: string, to = 'margin-call', from = 'healthy') =>
  addToOutbox(database.orm, 'margin.status-changed', [
    { protocol: 'alpha', account, from, to, asOfMs: T0, sequence: 3n },
  ]);
const deliveries = (webhook: string, protocol = 'alpha') =>
  listDeliveries(database.orm, { protocol, webhook }, { before: null, limit: 10 });

describe('webhooks', () => {
  test('carry an event to a receiver that fails at first, with one id and a valid signature on every try', async () => {
    await hook('alpha', 'wh_a', ['margin.call']);
    answers = [500, 503, 200];
    await called('alice');
    await relay();
    await until('the delivery', async () => (await deliveries('wh_a'))[0]?.state === 'delivered');
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    for (const { id, timestamp, signature, body } of received) {
      const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
      const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
      expect(signature).toBe(`v1,${expected}`);
      expect(JSON.parse(body)).toEqual({
        type: 'margin.call',
        timestamp: '2026-03-14T15:00:00.000Z',
        data: { accountId: 'alice', status: 'margin-call', previousStatus: 'healthy', sequence: 3 },
      });
    }
    expect((await deliveries('wh_a'))[0]).toMatchObject({ attempts: 3, lastStatus: 200, lastError: null });
  });

  test('go to those who want the event, of the protocol it is about, and to all when it is about none', async () => {
    await hook('alpha', 'wh_a', ['margin.call', 'oracle.halted']);
    await hook('alpha', 'wh_l', ['liquidation.required']);
    await hook('beta', 'wh_b', ['margin.call', 'oracle.halted']);
    await called('alice');
    await called('bob', 'liquidatable', 'margin-call');
    await addToOutbox(database.orm, 'oracle.halted', [{ atMs: T0, feed: 'BTC-USD', reasons: ['quorum'] }]);
    await relay();
    await until('four messages', () => received.length === 4);
    const told = async (webhook: string, protocol: string) =>
      (await deliveries(webhook, protocol)).map(({ event }) => event).sort();
    expect(await told('wh_a', 'alpha')).toEqual(['margin.call', 'oracle.halted']);
    expect(await told('wh_l', 'alpha')).toEqual(['liquidation.required']);
    expect(await told('wh_b', 'beta')).toEqual(['oracle.halted']);
  });

  test('are given up on 410 at once, are dead letters then, and are sent again on request under the same id', async () => {
    await hook('alpha', 'wh_a', ['margin.call']);
    answers = [410];
    await called('alice');
    await relay();
    await until('the end', async () => (await deliveries('wh_a'))[0]?.state === 'dead');
    await until(
      'the dead letter',
      async () => (await listDeadLetters(backend, [quick as never], {})).length === 1,
    );
    const [dead] = await listDeadLetters(backend, [quick as never], {});
    expect(dead).toMatchObject({ type: 'webhook-failed', attempts: 1 });
    answers = [200];
    const [first] = await deliveries('wh_a');
    await replayDelivery(database, { protocol: 'alpha', webhook: 'wh_a', id: first!.id }, 'test');
    await relay();
    await until('the delivery', async () => (await deliveries('wh_a'))[0]?.state === 'delivered');
    expect(received.map(({ id }) => id)).toEqual([first!.id, first!.id]);
  });

  test('are given up after twelve tries', async () => {
    await hook('alpha', 'wh_a', ['margin.call']);
    answers = [500];
    // The last waits would be long even here.
    const [task, last] = [quick, quick.attempts];
    const ports = { database, send: async () => ({ status: 500, error: 'answered 500' }) };
    await called('alice');
    await relayOutbox(database, (entry) => dispatchToWebhooks(database, entry, async () => undefined));
    const id = (await deliveries('wh_a'))[0]!.id;
    const attempt = (n: number) => task.run({ delivery: id, round: 0 }, ports, { ...context, attempt: n });
    await expect(attempt(last - 1)).rejects.toMatchObject({ retryable: true });
    expect((await deliveries('wh_a'))[0]).toMatchObject({ state: 'pending' });
    await expect(attempt(last)).rejects.toMatchObject({ retryable: false });
    expect((await deliveries('wh_a'))[0]).toMatchObject({ state: 'dead', lastError: 'answered 500' });
  });

  test('are written once when the relay is repeated, and enqueued again when the queue lost them', async () => {
    await hook('alpha', 'wh_a', ['margin.call']);
    await called('alice');
    let failures = 1;
    const flaky = (delivery: { readonly id: string; readonly round: number }) => {
      if (failures-- > 0) throw new Error('the queue is away');
      return enqueue(delivery);
    };
    const relayAt = (nowMs: number) =>
      relayOutbox(database, (entry) => dispatchToWebhooks(database, entry, async (d) => flaky(d)), { nowMs });
    // The database dates to the microsecond: what was added in this millisecond is due in the next.
    expect(await relayAt(Date.now() + 1)).toEqual({ dispatched: 0, failed: 1 });
    expect(received).toEqual([]);
    // What the outbox would repeat a second later, the sweep finds after a minute.
    await database.pool.query(`update webhook_deliveries set created_at = created_at - interval '2 minutes'`);
    expect(await webhookSweep.run({}, { database, enqueue }, context)).toEqual({ pending: 1, forgotten: 0 });
    await until('the delivery', async () => (await deliveries('wh_a'))[0]?.state === 'delivered');
    expect(await relayAt(Date.now() + 60_000)).toEqual({ dispatched: 1, failed: 0 });
    expect(await deliveries('wh_a')).toHaveLength(1);
    expect(received).toHaveLength(1);
    await database.pool.query(`update webhook_deliveries set created_at = created_at - interval '31 days'`);
    expect(await webhookSweep.run({}, { database, enqueue }, context)).toEqual({ pending: 0, forgotten: 1 });
  });
});

describe('toldBy', () => {
  const change = (from: string | null, to: string) =>
    toldBy({
      topic: 'margin.status-changed',
      payload: { protocol: 'alpha', account: 'a', from, to, asOfMs: T0, sequence: 1n },
    })?.type ?? null;

  test.each([
    [null, 'healthy', null],
    [null, 'margin-call', 'margin.call'],
    ['healthy', 'warned', null],
    ['warned', 'margin-call', 'margin.call'],
    ['liquidatable', 'margin-call', 'margin.call'],
    ['margin-call', 'liquidatable', 'liquidation.required'],
    ['healthy', 'insolvent', 'liquidation.required'],
    ['liquidatable', 'insolvent', null],
    ['healthy', 'unknown', null],
    ['liquidatable', 'healthy', null],
  ] as const)('%s to %s is %s', (from, to, event) => {
    expect(change(from, to)).toBe(event);
  });

  test('nothing else is told', () => {
    expect(toldBy({ topic: 'positions.changed', payload: {} })).toBeNull();
  });
});
