import { describe, expect, test } from 'vitest';
import { asker } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';
import { refusedPrice } from '../support/market.ts';

test('/health answers whatever the rest does', async () => {
  const world = createWorld();
  world.checks.push({ name: 'database', ok: false, detail: 'down' });
  expect(await asker(world)('/health')).toMatchObject({
    status: 200,
    json: { status: 'ok', network: 'test' },
  });
});

test('/ready is 503 with the check that fails, and shows no address', async () => {
  const world = createWorld();
  const ask = asker(world);
  expect(await ask('/ready')).toMatchObject({ status: 200, json: { ready: true } });
  world.checks.push({ name: 'database', ok: false, detail: 'no answer from postgres://app:hunter2@db:5432' });
  expect(await ask('/ready')).toMatchObject({
    status: 503,
    json: {
      ready: false,
      checks: [
        { name: 'prices', ok: true },
        { name: 'database', ok: false, detail: 'no answer from <address>' },
      ],
    },
  });
});

describe('/metrics', () => {
  test('counts answers by route pattern, never by path', async () => {
    const world = createWorld();
    const ask = asker(world);
    await ask('/v1/accounts/alice/positions', jsonRequest('PUT', { sequence: 1, ...BOOK }));
    await ask('/v1/accounts/alice/margin');
    await ask('/v1/accounts/bob/margin');
    await ask('/v1/nothing/here');
    const { text, headers } = await ask('/metrics');
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const count = (method: string, route: string, status: number) =>
      text.includes(
        `breakwater_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"} 1`,
      );
    expect(count('PUT', '/v1/accounts/:id/positions', 200)).toBe(true);
    expect(count('GET', '/v1/accounts/:id/margin', 200)).toBe(true);
    expect(count('GET', '/v1/accounts/:id/margin', 404)).toBe(true);
    expect(count('GET', 'none', 404)).toBe(true);
    expect(text).not.toMatch(/alice|bob|nothing/);
  });

  test('shows ages and verdicts of prices, sources and forecasts as they are now', async () => {
    const world = createWorld();
    const ask = asker(world);
    world.prices.set('ETH-USD', refusedPrice('ETH-USD', '3000'));
    world.prices.set('USDC-USD', { ...refusedPrice('USDC-USD', '1'), market: null });
    world.nowMs += 3000;
    const { text } = await ask('/metrics');
    for (const line of [
      'breakwater_price_age_seconds{feed="BTC-USD"} 5',
      'breakwater_price_usable{feed="BTC-USD",purpose="margin"} 1',
      'breakwater_price_usable{feed="ETH-USD",purpose="margin"} 0',
      'breakwater_source_included{feed="BTC-USD",source="uniswap:l2"} 0',
      'breakwater_forecast_age_seconds{asset="BTC",horizon_hours="24"} 3',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text).not.toContain('breakwater_price_age_seconds{feed="USDC-USD"}');
  });
});
