import { expect, test } from 'vitest';
import type { NewEvent } from '../../../gateway/stream/event.ts';
import { StreamPublisher } from '../../../gateway/stream/publisher.ts';
import { findModule } from '../../../risk/modules/registry.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { createWorld } from '../support/gateway.ts';
import { forecastOf, MARKETS, NOW_MS, refusedPrice, robustPrice } from '../support/market.ts';

function setUp() {
  const world = createWorld();
  const events: NewEvent[] = [];
  const publisher = new StreamPublisher({
    publish: (event) => events.push(event),
    prices: world.ports.prices,
    forecasts: world.ports.forecasts,
  });
  return {
    world,
    events,
    publisher,
    said: () => events.splice(0).map(({ topic, subject }) => `${topic} ${subject}`),
  };
}

test('says every price once, then only those that moved', () => {
  const { world, publisher, said, events } = setUp();
  expect(publisher.pricesMoved(NOW_MS)).toBe(3);
  expect(said()).toEqual(['price BTC-USD', 'price ETH-USD', 'price USDC-USD']);
  expect(publisher.pricesMoved(NOW_MS + 1000)).toBe(0);
  world.prices.set('ETH-USD', robustPrice('ETH-USD', '3001'));
  expect(publisher.pricesMoved(NOW_MS + 1000)).toBe(1);
  expect(events).toMatchObject([
    { subject: 'ETH-USD', protocol: null, data: { price: '3001', stale: false } },
  ]);
});

test('says when a price is refused, and when it goes stale with time', () => {
  const { world, publisher, said, events } = setUp();
  publisher.pricesMoved(NOW_MS);
  said();
  world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
  publisher.pricesMoved(NOW_MS);
  expect(events).toMatchObject([
    { data: { feed: 'BTC-USD', stale: true, reasons: [{ code: 'quorum-not-met' }] } },
  ]);
  said();
  expect(publisher.pricesMoved(NOW_MS + 10_001)).toBe(3);
  expect(publisher.pricesMoved(NOW_MS + 20_000)).toBe(0);
});

test('says a forecast when it is a new one', () => {
  const { world, publisher, said } = setUp();
  expect(publisher.forecastsRefreshed(NOW_MS)).toBe(2);
  expect(publisher.forecastsRefreshed(NOW_MS + 60_000)).toBe(0);
  said();
  world.forecasts.set('BTC', [forecastOf('BTC', 24, NOW_MS + 3_600_000)]);
  world.forecasts.set('SOL', []);
  expect(publisher.forecastsRefreshed(NOW_MS + 3_600_000)).toBe(1);
  expect(said()).toEqual(['forecast BTC']);
});

test('says a margin change to its protocol only, with exact amounts', () => {
  const { publisher, events } = setUp();
  const module = findModule('standard', '1.0.0');
  const portfolio = { accountId: 'alice', cashWad: wadFromDecimal('12.5'), positions: [] };
  const market = { asOfMs: NOW_MS, prices: new Map(), volatility: new Map() };
  publisher.marginChanged({
    protocol: 'venue',
    accountId: 'alice',
    sequence: 3n,
    previousStatus: 'warned',
    asOfMs: NOW_MS,
    result: module.calculate(portfolio, MARKETS, market, module.defaultParameters),
  });
  expect(events).toEqual([
    {
      topic: 'margin',
      subject: 'alice',
      protocol: 'venue',
      data: {
        accountId: 'alice',
        sequence: 3,
        status: 'healthy',
        previousStatus: 'warned',
        asOf: '2026-03-14T15:00:00.000Z',
        equity: '12.5',
        net: { initial: '12.5', maintenance: '12.5' },
      },
    },
  ]);
});

test('says an alarm with what was measured and the limit, to everyone', () => {
  const { publisher, events } = setUp();
  publisher.alarmChanged({
    feedId: 'WSTETH-USD',
    guard: 'growth-cap',
    subject: 'WSTETH-USD',
    message: '285 bp above what the rate can have grown to, the limit is 100 bp',
    measure: { value: 285, limit: 100, unit: 'bp' },
    state: 'raised',
    atMs: NOW_MS,
  });
  expect(events).toEqual([
    {
      topic: 'alarm',
      subject: 'WSTETH-USD',
      protocol: null,
      data: {
        feed: 'WSTETH-USD',
        guard: 'growth-cap',
        subject: 'WSTETH-USD',
        state: 'raised',
        message: '285 bp above what the rate can have grown to, the limit is 100 bp',
        value: 285,
        limit: 100,
        unit: 'bp',
        at: new Date(NOW_MS).toISOString(),
      },
    },
  ]);
});
