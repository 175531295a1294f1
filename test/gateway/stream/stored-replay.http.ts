import { describe, expect, test } from 'vitest';
import { storeMarginStatuses } from '../../../db/queries/store-margin.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import type { GatewayPorts } from '../../../gateway/app/ports.ts';
import type { EventsPort } from '../../../gateway/stream/event.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { REPLAY_WINDOW_MS, storedReplay } from '../../../gateway/stream/stored-replay.ts';
import type { MarginStatus } from '../../../risk/modules/module.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { useDatabase } from '../../helpers/use.ts';
import { EventReader } from '../support/event-reader.ts';
import { createWorld } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';

const database = await useDatabase();

let sequence = 0n;
/** What a sweep does when it finds an account so. */
const sweep = (protocol: string, account: string, status: MarginStatus, equity = '900') =>
  database.transaction((tx) =>
    storeMarginStatuses(tx, [
      {
        protocol,
        account,
        asOfMs: NOW_MS + Number(++sequence),
        sequence,
        status,
        equityWad: wadFromDecimal(equity),
        initialWad: wadFromDecimal('1500'),
        maintenanceWad: wadFromDecimal('1000'),
        body: {},
      },
    ]),
  );

/** A gateway over the database, with nothing in its memory. */
function gateway(wallNowMs: () => number = Date.now, maxChanges?: number) {
  const hub = new EventHub({ window: 100, nowMs: Date.now });
  let events: EventsPort = hub;
  const world = createWorld({
    override: (ports: GatewayPorts) => {
      const stored = storedReplay({
        database,
        ...ports,
        wallNowMs,
        ...(maxChanges === undefined ? {} : { maxChanges }),
      });
      events = {
        replay: (protocol, afterId) => hub.replay(protocol, afterId) ?? stored(protocol, afterId),
        subscribe: (protocol, listener) => hub.subscribe(protocol, listener),
      };
      return { ...ports, events };
    },
  });
  return { hub, world, replay: (afterId: string) => events.replay('local', afterId) };
}
type Gateway = ReturnType<typeof gateway>;

async function listen({ world }: Gateway, afterId: string, query = '') {
  const response = await world.app.request(`/v1/stream${query}`, { headers: { 'Last-Event-ID': afterId } });
  return new EventReader(response.body!);
}
const briefly = (events: readonly { readonly event?: string; readonly data?: string }[]) =>
  events.map(({ event, data = '{}' }) => {
    const { accountId, status, feed, asset } = JSON.parse(data) as Record<string, string>;
    return [event, accountId ?? feed ?? asset, ...(status === undefined ? [] : [status])].join(' ');
  });

describe('a client that comes back to a gateway that does not know its last id', () => {
  test('is sent every change of a status since then, in order, and then how things are', async () => {
    const first = gateway();
    const seen = first.hub.publish({ topic: 'price', subject: 'BTC-USD', protocol: null, data: {} });
    await sweep('local', 'alice', 'healthy', '5000');
    await sweep('other', 'mallory', 'insolvent');
    await sweep('local', 'alice', 'margin-call');
    await sweep('local', 'bob', 'liquidatable');
    const client = await listen(gateway(), seen.id);
    const found = await client.next(8);
    await client.close();
    expect(briefly(found)).toEqual([
      'margin alice healthy',
      'margin alice margin-call',
      'margin bob liquidatable',
      'forecast BTC',
      'forecast ETH',
      'price BTC-USD',
      'price ETH-USD',
      'price USDC-USD',
    ]);
    expect(JSON.parse(found[1]!.data!)).toMatchObject({
      previousStatus: 'healthy',
      equity: '900',
      net: { initial: '-600', maintenance: '-100' },
      asOf: new Date(NOW_MS + 3).toISOString(),
    });
    const ids = found.map(({ id = '' }) => Number(id.split('-')[0]));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(JSON.stringify(found)).not.toContain('mallory');
  });

  test('goes on with what happens at the new gateway, and may stop anywhere and come back anew', async () => {
    const second = gateway();
    const client = await listen(second, `${Date.now()}-0`, '?topics=margin&subjects=carol');
    await sweep('local', 'carol', 'warned');
    second.hub.publish({ topic: 'margin', subject: 'carol', protocol: 'local', data: { status: 'warned' } });
    const [live] = await client.next(1);
    await client.close();
    await sweep('local', 'carol', 'margin-call');
    const again = await listen(gateway(), live!.id!, '?topics=margin&subjects=carol');
    // Once more what was written shortly before: at least once, never less.
    expect(briefly(await again.next(2))).toEqual(['margin carol warned', 'margin carol margin-call']);
    await again.close();
    const third = gateway();
    const all = (await third.replay(live!.id!))!;
    for (const stoppedAt of all) {
      const rest = await third.replay(stoppedAt.id);
      const last = rest!.filter(({ subject }) => subject === 'carol').at(-1);
      expect(JSON.parse(last!.data)).toMatchObject({ status: 'margin-call' });
    }
  });

  test('tells the alarms that bind', async () => {
    const one = gateway();
    const price = one.world.prices.get('BTC-USD')!;
    const alarm = {
      feedId: 'BTC-USD',
      guard: 'jump' as const,
      subject: 'chainlink:hub',
      message: 'moved by more than it may',
      measure: { value: 0.3, limit: 0.1, unit: 'share' },
    };
    one.world.prices.set('BTC-USD', { ...price, alarms: [alarm as never] });
    const events = (await one.replay(`${Date.now()}-0`))!.filter(({ topic }) => topic === 'alarm');
    expect(events.map(({ data }) => JSON.parse(data))).toMatchObject([
      { feed: 'BTC-USD', guard: 'jump', subject: 'chainlink:hub', state: 'raised', value: 0.3 },
    ]);
  });
});

describe('gap, and never half of it', () => {
  test.each([
    ['older than what is kept', () => `${Date.now() - REPLAY_WINDOW_MS}-0`],
    ['from the future', () => `${Date.now() + 3_600_000}-0`],
    ['of nobody', () => 'abc'],
    ['of nobody, with a time', () => `${Date.now()}-0;drop table outbox`],
  ])('for an id that is %s', async (_, id) => {
    expect(await gateway().replay(id())).toBeNull();
  });

  test('is what a client is told', async () => {
    const client = await listen(gateway(), `${Date.now() - REPLAY_WINDOW_MS}-0`);
    const [event] = await client.next(1);
    await client.close();
    expect([event!.event, JSON.parse(event!.data!).code]).toEqual(['gap', 'events-missed']);
  });

  test('for more changes than one answer may hold, and for those without figures', async () => {
    const wallMs = Date.now() + 100 * REPLAY_WINDOW_MS;
    const row = (protocol: string, more: object, createdAt = wallMs) => ({
      topic: 'margin.status-changed',
      payload: { protocol, account: 'a', from: null, to: 'healthy', asOfMs: 0, sequence: 1n, ...more },
      createdAt,
      dueAt: createdAt,
      dispatchedAt: createdAt,
    });
    await database.orm.insert(outbox).values(row('local', {}));
    const late = gateway(() => wallMs + 1000);
    expect(await late.replay(`${wallMs}-0`)).toBeNull();
    const figures = { equityWad: 1n, initialWad: 1n, maintenanceWad: 1n };
    const atMs = wallMs + 5 * 60_000;
    await database.orm.insert(outbox).values(Array.from({ length: 4 }, () => row('local', figures, atMs)));
    const wallNow = () => wallMs + 10 * 60_000;
    expect(await gateway(wallNow, 3).replay(`${atMs}-0`)).toBeNull();
    const later = gateway(wallNow, 4);
    expect((await later.replay(`${atMs}-0`))!.filter(({ topic }) => topic === 'margin')).toHaveLength(4);
    expect((await later.replay(`${wallMs + 8 * 60_000}-0`))!.every(({ topic }) => topic !== 'margin')).toBe(
      true,
    );
  });
});
