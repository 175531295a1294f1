import { describe, expect, test } from 'vitest';
import type { AlarmEvent } from '../../../oracles/book/alarm-log.ts';
import { EMPTY_MEMORY } from '../../../oracles/guards/memory.ts';
import { asker } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';

const THEN = NOW_MS - 3_600_000;
const WAD = 10n ** 18n;
const hold = { opened: true, refusedAtMs: THEN - 5000 };

/** One price of an hour ago, from a feed that remembers. */
const world = () =>
  createWorld({
    override: (ports) => ({
      ...ports,
      prices: {
        ...ports.prices,
        at: async (feedId, atMs) => {
          if (atMs < THEN) return null;
          const memory = {
            ...EMPTY_MEMORY,
            lastGood: { priceWad: 59_000n * WAD, atMs: THEN - 5000 },
            ema1hWad: 59_500n * WAD,
            holds: { open: hold, margin: hold, liquidate: hold },
          };
          return { ...robustPrice(feedId, '59999'), asOfMs: THEN, memory };
        },
      },
    }),
  });
const ask = (query: string) => asker(world())(`/v1/prices/BTC-USD/evidence${query}`);

describe('GET /v1/prices/{id}/evidence?at=', () => {
  test.each([
    ['ISO 8601', '2026-03-14T14:30:00Z'],
    ['ISO 8601 with milliseconds', '2026-03-14T14:00:00.000Z'],
    ['Unix seconds', String(NOW_MS / 1000)],
  ])('answers as it was stored then, with what was remembered: %s', async (_, at) => {
    const { status, json } = await ask(`?at=${at}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      price: { price: '59999', asOf: new Date(THEN).toISOString(), stale: false },
      memory: {
        lastGood: { price: '59000', at: new Date(THEN - 5000).toISOString() },
        hourlyAverage: '59500',
        holds: { open: { opened: true, refusedAt: new Date(THEN - 5000).toISOString() } },
      },
    });
  });

  test('without a moment it is that of now, and a feed without memory says null', async () => {
    const { json } = await ask('');
    expect(json).toMatchObject({ price: { price: '60000' }, memory: null });
  });

  test('says when nothing is stored from then', async () => {
    const { status, json } = await ask('?at=2026-03-14T13:59:59Z');
    expect(status).toBe(404);
    expect(json).toMatchObject({ type: '/errors/no-stored-price', errors: [{ field: 'at' }] });
  });

  test.each(['yesterday', '2026-02-30T00:00:00Z', '2026-03-14', '1e9', '2026-03-14T15:01:01Z', ''])(
    "refuses '%s' and names the field",
    async (at) => {
      const { status, json } = await ask(`?at=${at}`);
      expect(status).toBe(400);
      expect(json).toMatchObject({ type: '/errors/invalid-input', errors: [{ field: 'at' }] });
    },
  );

  test('refuses parameters that it does not have', async () => {
    expect((await ask('?since=1')).status).toBe(400);
  });
});

test('alarms are counted by feed and guard when they begin', async () => {
  const listeners: ((event: AlarmEvent) => void)[] = [];
  const heard = createWorld({
    override: (ports) => ({
      ...ports,
      prices: {
        ...ports.prices,
        onAlarm: (listener) => {
          listeners.push(listener);
          return () => undefined;
        },
      },
    }),
  });
  const event = {
    feedId: 'BTC-USD',
    guard: 'jump',
    subject: 'BTC-USD',
    message: 'far from the average',
    measure: { value: 900, limit: 800, unit: 'bp' },
    atMs: NOW_MS,
  } as const;
  for (const listener of listeners) {
    listener({ ...event, state: 'raised' });
    listener({ ...event, state: 'cleared' });
    listener({ ...event, state: 'raised' });
  }
  const { text } = await asker(heard)('/metrics');
  expect(text).toContain('breakwater_guard_alarms_total{feed="BTC-USD",guard="jump"} 2');
});
