import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listen, notify } from '../../db/channels.ts';
import { startProxy } from '../helpers/proxy.ts';
import { until } from '../helpers/until.ts';
import { useDatabase } from '../helpers/use.ts';

const database = await useDatabase();

describe('listen', () => {
  it('gets what is committed and nothing that is rolled back, and reports a gap after a lost connection', async () => {
    const got: unknown[] = [];
    let gaps = 0;
    const listener = listen({
      url: database.url,
      channels: ['one', 'two'],
      onMessage: (channel, payload) => got.push([channel, payload]),
      onGap: () => {
        gaps += 1;
      },
      retryMs: 50,
    });
    await until('listening', () => gaps === 1);
    await database
      .transaction(async (tx) => {
        await notify(tx, 'one', { n: 0 });
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    await notify(database.orm, 'one', { sequence: 2n ** 60n });
    await until('the message', () => got.length > 0);
    expect(got).toEqual([['one', { sequence: 2n ** 60n }]]);

    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'breakwater-listen' and datname = current_database()`,
    );
    await until('connected again', () => gaps === 2);
    await notify(database.orm, 'two', null);
    await until('the second message', () => got.length > 1);
    expect(got[1]).toEqual(['two', null]);
    await listener.close();
  });

  it('notices a connection that was cut without a word', async () => {
    const target = new URL(database.url);
    const proxy = await startProxy(Number(target.port), target.hostname);
    const url = new URL(database.url);
    url.host = `127.0.0.1:${proxy.port}`;
    const got: unknown[] = [];
    let gaps = 0;
    const listener = listen({
      url: url.href,
      channels: ['cut'],
      onMessage: (_channel, payload) => got.push(payload),
      onGap: () => {
        gaps += 1;
      },
      retryMs: 50,
      pulseMs: 1_000,
    });
    await until('listening', () => gaps === 1);
    proxy.cut();
    await notify(database.orm, 'cut', 'lost');
    await delay(300);
    proxy.heal();
    await until('connected again', () => gaps === 2);
    await notify(database.orm, 'cut', 'found');
    await until('the message', () => got.length > 0);
    expect(got).toEqual(['found']);
    await listener.close();
    await proxy.stop();
  });
});
