import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { operationsPort } from '../../../gateway/engine/operations.ts';
import { enqueue } from '../../../jobs/enqueue.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { startWorkers } from '../../../jobs/runtime.ts';
import { webhookDeliver } from '../../../jobs/tasks/webhook-deliver.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { openTestQueues } from '../../helpers/queues.ts';
import { until } from '../../helpers/until.ts';
import { createWorld, type WorldOptions } from '../support/gateway.ts';

let postgres: TestPostgres;
let backend: QueueBackend;
let world: (options?: WorldOptions) => ReturnType<typeof createWorld>['app'];
beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.openMigrated();
  backend = await openTestQueues(database.url);
  const operations = operationsPort({
    database,
    openQueues: async () => backend,
    ingest: { health: () => ({ hermes: null, chains: [] }), stop: async () => undefined },
    logger: { warn: () => undefined } as never,
  });
  world = (options = {}) => createWorld({ ...options, override: (ports) => ({ ...ports, operations }) }).app;
});
afterAll(async () => {
  await backend.close();
  await postgres.stop();
});

const apiKeys = parseApiKeys(`venue:${hashKey('protocol-key')}:read+write+govern+admin`).keys;
const adminKeyHash = hashKey('operator-key');
const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

describe('/admin/queues', () => {
  test('asks for the operator key; no key of a protocol opens it', async () => {
    const app = world({ apiKeys, adminKeyHash });
    const status = async (path: string, Authorization?: string) => {
      const init = Authorization === undefined ? {} : { headers: { Authorization } };
      return (await app.request(path, init)).status;
    };
    for (const path of ['/admin/queues', '/admin/queues/api/queues', '/admin/queues/static/js/x.js']) {
      expect(await status(path), path).toBe(401);
      expect(await status(path, 'Bearer protocol-key'), path).toBe(401);
      expect(await status(path, basic('protocol-key')), path).toBe(401);
      expect(await status(path, 'Basic !!!'), path).toBe(401);
    }
    expect(await status('/admin/queues', 'Bearer operator-key')).toBe(200);
    expect(await status('/admin/queues', basic('operator-key'))).toBe(200);
    const refused = await app.request('/admin/queues');
    expect(refused.headers.get('WWW-Authenticate')).toBe('Basic realm="breakwater operator"');
    expect(await refused.json()).toMatchObject({ status: 401 });
  });

  test('is closed with API keys and no operator key, open without both', async () => {
    expect(
      (await world({ apiKeys }).request('/admin/queues', { headers: { Authorization: basic('x') } })).status,
    ).toBe(401);
    expect((await world().request('/admin/queues')).status).toBe(200);
  });

  test('serves the page and its scripts under a policy of its own', async () => {
    const app = world();
    const page = await app.request('/admin/queues');
    expect(page.headers.get('Content-Type')).toContain('text/html');
    expect(page.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers.get('X-Frame-Options')).toBe('DENY');
    const html = await page.text();
    expect(html).toContain('<base href="/admin/queues/" />');
    const script = /src="(static\/js\/main[^"]+)"/.exec(html)![1]!;
    const served = await app.request(`/admin/queues/${script}`);
    expect(served.status).toBe(200);
    expect(served.headers.get('Content-Type')).toContain('javascript');
  });

  test('shows the failed jobs of queues on PostgreSQL, without addresses, and changes nothing', async () => {
    const workers = await startWorkers({
      backend,
      tasks: [
        {
          task: webhookDeliver as never,
          run: async () => {
            throw new TypeError('refused by https://user:secret@receiver.test/hook');
          },
        },
      ],
    });
    const id = await enqueue(backend, webhookDeliver, { delivery: 'msg_1', round: 0 });
    const app = world();
    const found = await until('the job to fail', async () => {
      const answer = await app.request('/admin/queues/api/queues?activeQueue=webhook-deliver&status=failed');
      const text = await answer.text();
      return text.includes('refused by') ? text : null;
    });
    await workers.stop();
    expect(found).not.toContain('secret');
    const { queues } = JSON.parse(found) as {
      queues: { name: string; readOnlyMode: boolean; jobs: { id: string }[] }[];
    };
    const queue = queues.find(({ name }) => name === 'webhook-deliver')!;
    expect(queue.readOnlyMode).toBe(true);
    expect(queue.jobs.map((job) => job.id)).toEqual([id]);
    for (const path of [`${id}/retry/failed`, `${id}/clean`, 'pause', 'empty']) {
      const answer = await app.request(`/admin/queues/api/queues/webhook-deliver/${path}`, { method: 'PUT' });
      expect(answer.status, path).toBe(405);
    }
  });
});
