import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { operationsPort } from '../../../gateway/engine/operations.ts';
import { enqueue } from '../../../jobs/enqueue.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { webhookSweep } from '../../../jobs/tasks/webhook-sweep.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { openTestQueues } from '../../helpers/queues.ts';
import { createWorld } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';

let postgres: TestPostgres;
let database: Database;
let backend: QueueBackend;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
  backend = await openTestQueues(database.url);
});
afterAll(async () => {
  await backend.close();
  await postgres.stop();
});

const CHAIN = { chain: 'hub', rounds: 9, failuresInRow: 3, lastBlockNumber: 5n, lastError: 'away' };
const ingest = { health: () => ({ hermes: null, chains: [CHAIN] }), stop: async () => undefined };

/** Value of a series in a real answer of /metrics; null when it is not there. */
async function scrape(openQueues: () => Promise<QueueBackend>, on: Database) {
  const logger = { warn: () => undefined } as never;
  const operations = operationsPort({ database: on, openQueues, ingest, logger, keepMs: 0 });
  const world = createWorld({ override: (ports) => ({ ...ports, operations }) });
  const response = await world.app.request('/metrics');
  expect(response.status).toBe(200);
  const text = await response.text();
  return (series: string): number | null => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? null : Number(line.slice(series.length + 1));
  };
}

describe('metrics of operations', () => {
  test('tell what waits in the outbox, the queues, the sweep, webhooks and publications', async () => {
    const wad = 10n ** 18n;
    for (const account of ['a', 'b']) {
      await putPositions(database, {
        protocol: 'venue',
        account,
        sequence: 1n,
        cashWad: wad,
        positions: [],
        marketTimeMs: NOW_MS,
      });
    }
    await database.pool.query(
      `insert into margin_statuses (protocol, account, as_of, sequence, status, equity_wad, initial_wad, maintenance_wad, body)
       values ('venue', 'a', to_timestamp($1), 1, 'healthy', 1, 0, 0, '{}')`,
      [NOW_MS / 1000 - 40],
    );
    await database.pool.query(
      `update outbox set created_at = now() - interval '90 seconds' where id = (select min(id) from outbox)`,
    );
    await database.pool.query(
      `insert into webhook_deliveries (id, webhook, protocol, event, body, state, attempts, created_at)
       select 'msg_' || n, 'w', 'venue', 'e', '{}', case when n < 3 then 'pending' else 'dead' end, n - 1, now() - interval '30 seconds'
       from generate_series(1, 5) n`,
    );
    await database.pool.query(
      `insert into publications (id, protocol, source, kind, hub, market, market_address, update_type, state, due_at, created_at)
       values ('p', 'venue', 'forecast', 'value', 'hub', 'BTC', '0x', 'vol', 'sending', now(), now() - interval '70 seconds'),
              ('q', 'venue', 'forecast', 'value', 'hub', 'BTC', '0x', 'vol', 'scheduled', now(), now() - interval '9 days')`,
    );
    await enqueue(backend, webhookSweep, {});

    const value = await scrape(async () => backend, database);
    expect(value('breakwater_database_up')).toBe(1);
    expect(value('breakwater_queue_up')).toBe(1);
    expect(value('breakwater_queue_jobs{task="webhook-sweep",state="waiting"}')).toBe(1);
    expect(value('breakwater_queue_jobs{task="retention",state="waiting"}')).toBe(0);
    expect(value('breakwater_dead_letters{task="webhook-sweep"}')).toBe(0);
    expect(value('breakwater_outbox_pending')).toBe(2);
    expect(value('breakwater_outbox_lag_seconds')).toBeGreaterThanOrEqual(90);
    expect(value('breakwater_sweep_lag_seconds')).toBeCloseTo(40, 3);
    expect(value('breakwater_accounts{swept="true"}')).toBe(1);
    expect(value('breakwater_accounts{swept="false"}')).toBe(1);
    expect(value('breakwater_webhook_deliveries{state="pending"}')).toBe(2);
    expect(value('breakwater_webhook_deliveries{state="retrying"}')).toBe(1);
    expect(value('breakwater_webhook_deliveries{state="dead"}')).toBe(3);
    expect(value('breakwater_webhook_lag_seconds')).toBeGreaterThanOrEqual(30);
    expect(value('breakwater_publications_open{hub="hub"}')).toBe(1);
    const publish = value('breakwater_publish_lag_seconds{hub="hub"}')!;
    expect(publish).toBeGreaterThanOrEqual(70);
    expect(publish).toBeLessThan(86_400);
    expect(value('breakwater_publications_stuck')).toBe(0);
    expect(value('breakwater_chain_failed_rounds{chain="hub"}')).toBe(3);
  });

  test('a database or queue that is gone is 0, its other series are absent, and /metrics answers', async () => {
    const gone = await postgres.openMigrated();
    await gone.close();
    const value = await scrape(() => Promise.reject(new Error('away')), gone);
    expect(value('breakwater_database_up')).toBe(0);
    expect(value('breakwater_queue_up')).toBe(0);
    expect(value('breakwater_outbox_pending')).toBeNull();
    expect(value('breakwater_dead_letters{task="retention"}')).toBeNull();
    expect(value('breakwater_chain_failed_rounds{chain="hub"}')).toBe(3);
  });
});
