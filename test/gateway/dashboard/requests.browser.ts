import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountSummary } from '../../../gateway/app/ports.ts';
import { inMemoryRateLimiter } from '../../../gateway/limits/rate-limiter.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { jsonRequest } from '../support/gateway.ts';
import { forecastOf, NOW_MS, robustPrice } from '../support/market.ts';
import { chromiumPath, launch, rowsOf, type ServedWorld, serveWorld, visit } from './support.ts';

const path = chromiumPath();
const SOON = { timeout: 20_000 };
const ACCOUNTS = 60;
const FEEDS = 20;
/** What a page may ask for when it opens, however often it asks for the same again while it is open. */
const HANDFUL = 10;

const swept = (n: number): AccountSummary => ({
  accountId: `account-${n}`,
  ...{ sequence: 1n, positionCount: 3, updatedAtMs: NOW_MS, rank: String(n) },
  health: {
    ...{ status: n === 0 ? 'liquidatable' : 'healthy', asOfMs: NOW_MS, sequence: 1n },
    equityWad: wadFromDecimal(String(1000 + n)),
    initialWad: wadFromDecimal('900'),
    maintenanceWad: wadFromDecimal('600.25'),
  },
});
const pathsOf = (requests: readonly { readonly url: string }[]) => [
  ...new Set(
    requests
      .map(({ url }) => new URL(url))
      .filter(({ pathname }) => !pathname.startsWith('/dashboard'))
      .map(({ pathname, search }) => pathname + search),
  ),
];

describe.skipIf(path === null)('what the dashboard asks for', () => {
  let browser: Browser;
  let served: ServedWorld;
  beforeAll(async () => {
    browser = await launch(path!);
    served = await serveWorld({
      override: (ports) => ({
        ...ports,
        accounts: {
          ...ports.accounts,
          list: async (_protocol, { limit }) =>
            Array.from({ length: ACCOUNTS }, (_, n) => swept(n)).slice(0, limit),
        },
        forecasts: { ...ports.forecasts, issued: async () => [forecastOf('A1', 24, NOW_MS - 3_600_000)] },
      }),
    });
    const { prices, forecasts } = served.world;
    for (let n = prices.size; n < FEEDS; n += 1) {
      prices.set(`A${n}-USD`, robustPrice(`A${n}-USD`, '100'));
      forecasts.set(`A${n}`, [forecastOf(`A${n}`, 24, NOW_MS)]);
    }
    forecasts.set('A1', [forecastOf('A1', 24, NOW_MS)]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  test('60 accounts: a handful of requests, and no margin one by one where the sweep has been', async () => {
    const { page, requests, errors } = await visit(browser, served.server.url, '#/accounts');
    const rows = () => rowsOf(page, 'Accounts by health');
    await expect.poll(async () => (await rows()).length, SOON).toBe(ACCOUNTS);
    await expect.poll(() => requests.some(({ url }) => url.endsWith('/v1/margin/simulate')), SOON).toBe(true);
    const [first] = await rows();
    expect(first?.slice(0, 7)).toEqual([
      ...['account-0', 'liquidatable', '60.0 %', '1,000.00', '900.00', '600.25', '399.75'],
    ]);
    const asked = pathsOf(requests);
    expect(asked.length).toBeLessThanOrEqual(HANDFUL);
    expect(asked.filter((one) => /\/accounts\/.*margin/.test(one))).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('20 assets: forecasts and what was issued in one answer, and the past of one account', async () => {
    const { page, requests } = await visit(browser, served.server.url, '#/volatility');
    await expect
      .poll(() => page.locator('main section.card').count(), SOON)
      .toBeGreaterThanOrEqual(FEEDS - 3);
    await expect.poll(() => page.locator('main h3').count(), SOON).toBeGreaterThan(0);
    await expect
      .poll(
        () => page.locator('.chart[aria-label^="Volatility forecast of A1."]').getAttribute('aria-label'),
        SOON,
      )
      .toContain('. 2 points since 2026-03-14 14:00:00 UTC');
    await expect.poll(() => requests.some(({ url }) => url.includes('/margin?at=')), SOON).toBe(true);
    const asked = pathsOf(requests);
    expect(asked.filter((one) => one.startsWith('/v1/forecasts'))).toEqual(
      expect.arrayContaining(['/v1/forecasts?issuedHours=24']),
    );
    expect(asked.filter((one) => one.startsWith('/v1/forecasts/'))).toEqual([]);
    const past = asked.filter((one) => one.includes('?at='));
    expect(past.length).toBeLessThanOrEqual(6);
    expect(new Set(past.map((one) => one.split('?')[0])).size).toBe(1);
    // The list of forecasts with what was issued, and later without.
    expect(asked.length - past.length).toBeLessThanOrEqual(HANDFUL + 1);
    await page.context().close();
  });

  test('half of the quota is left to the protocol', async () => {
    let taken = 0;
    const limiter = inMemoryRateLimiter({ limit: 60, windowSeconds: 60, nowMs: () => NOW_MS });
    const own = await serveWorld({
      rateLimiter: {
        take: (key, cost) => {
          taken += cost;
          return limiter.take(key, cost);
        },
      },
    });
    for (let n = 0; n < 12; n += 1) {
      const book = { sequence: 1, cash: '1000', positions: [] };
      await own.world.app.request(`/v1/accounts/a${n}/positions`, jsonRequest('PUT', book));
    }
    const { page } = await visit(browser, own.server.url, '#/accounts');
    await page.locator('#connection', { hasText: 'slowed: half of the quota is used' }).waitFor();
    // What was under way when half was used is answered; nothing is begun.
    expect(taken).toBeLessThan(50);
    await page.context().close();
    await own.close();
  });
});
