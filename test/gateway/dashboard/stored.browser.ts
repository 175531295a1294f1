import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { insertForecasts } from '../../../db/queries/forecasts.ts';
import { insertPriceSnapshots } from '../../../db/queries/price-snapshots.ts';
import { changePublication, createPublication, saveArrival } from '../../../db/queries/publications.ts';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { jsonRequest } from '../support/gateway.ts';
import { forecastOf, NOW_MS, robustPrice } from '../support/market.ts';
import { type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';
import { chromiumPath, launch, rowsOf, visit } from './support.ts';

const path = chromiumPath();
const SOON = { timeout: 20_000 };
const MINUTE = 60_000;
const PERP = { kind: 'perp', id: 'p', market: 'BTC-PERP', size: '1', entryPrice: '50000' };

/** What an hour ago was: BTC at 50,000 and 100 more with every minute. */
async function storePast(database: Database) {
  const minutes = Array.from({ length: 120 }, (_, k) => NOW_MS - (120 - k) * MINUTE);
  for (const feed of ['BTC-USD', 'ETH-USD']) {
    const snapshots = minutes.map((asOfMs, k) => {
      const price = robustPrice(feed, String((feed === 'BTC-USD' ? 48_000 : 3000) + 100 * k), asOfMs);
      const { base, quoteAsset, market, verdicts, votes, configHash } = price;
      const { priceWad, confidenceWad } = market!;
      return {
        ...{ feed, asOfMs, bucketMs: asOfMs, base, quoteAsset, priceWad, confidenceWad },
        ...{ market, verdicts, votes, memory: null, configHash },
      };
    });
    await insertPriceSnapshots(database.orm, snapshots);
  }
  const hours = [1, 2, 3, 4, 5].map((ago) => NOW_MS - ago * 60 * MINUTE);
  const bodies = hours.flatMap((asOfMs) =>
    ([1, 4, 24] as const).map((horizon) => ({ ...forecastOf('BTC', horizon, asOfMs) })),
  );
  await insertForecasts(
    database.orm,
    bodies.map((body) => ({
      ...{ asset: body.asset, horizonHours: body.horizonHours, asOfMs: body.asOfMs },
      ...{ model: body.model, version: body.modelVersion, body },
    })),
  );
}

/** One that arrived, one on its way that is stuck on a chain, one that the hub refused, one that waits. */
async function storePublications({ orm, ...database }: Database) {
  const add = async (n: number, given: object) => {
    const id = `0x${String(n).repeat(64)}`;
    const line = {
      market: 'BTC-PERP',
      marketAddress: `0x${'b1'.repeat(20)}`,
      updateType: 'initialMarginRate',
    };
    const made = { id, protocol: 'local', source: 'forecast', kind: 'value', hub: 'hub', ...line } as const;
    const value = wadFromDecimal('0.0525');
    const rest = { value, computedValue: value, decision: null, proposal: null };
    await createPublication({ orm, ...database }, { ...made, ...rest, ...given }, 'test', NOW_MS + n);
    return id;
  };
  const sent = { transactionHash: `0x${'ab'.repeat(32)}`, blockNumber: 12n, sequence: 3n, feeWei: 7n };
  const at = Date.UTC(2026, 2, 14, 14);
  const arrived = await add(1, {});
  await changePublication(orm, arrived, { state: 'arrived', publishedAt: at, arrivedAt: at, ...sent });
  const there = { state: 'arrived', arrivedAt: at, settled: true } as const;
  for (const chain of ['hub', 'l2']) await saveArrival(orm, { publication: arrived, chain }, there);
  const stuck = await add(2, { source: 'governance', kind: 'bounds', value: null, computedValue: null });
  await changePublication(orm, stuck, { state: 'published', publishedAt: at, ...sent });
  await saveArrival(orm, { publication: stuck, chain: 'hub' }, { state: 'arrived', arrivedAt: at });
  const reason = 'no message after 60 s';
  await saveArrival(orm, { publication: stuck, chain: 'l2' }, { state: 'stuck', reason, guid: '0x01' });
  const refused = await add(3, { source: 'governance', kind: 'parameter', proposal: '7' });
  await changePublication(orm, refused, { state: 'refused', reason: 'ApprovalsMissing' });
  await add(4, { updateType: 'maintenanceMarginRate' });
}

const labelOf = (page: Page, chart: string) =>
  page.locator(`.chart[aria-label^="${chart}"]`).getAttribute('aria-label');

describe.skipIf(path === null)('what was stored before the page was opened', () => {
  let browser: Browser;
  let postgres: TestPostgres;
  let tenancy: TenancyWorld;
  let server: RunningServer;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    const database = await postgres.openMigrated();
    await storePast(database);
    await storePublications(database);
    tenancy = await tenancyWorld(database, { pastPrices: 'stored' });
    const { world } = tenancy;
    world.nowMs = NOW_MS - 32 * MINUTE;
    const book = { sequence: 1, cash: '20000', positions: [PERP] };
    const stored = await world.app.request('/v1/accounts/alice/positions', jsonRequest('PUT', book));
    expect(stored.status).toBe(200);
    world.nowMs = NOW_MS;
    server = await serve(world.app, { host: '127.0.0.1', port: 0, drainMs: 200 });
    browser = await launch(path!);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await tenancy?.close();
    await postgres?.stop();
  });

  test('the curve of a price begins an hour ago', async () => {
    const { page, errors } = await visit(browser, server.url, '#/prices/BTC-USD');
    // 60 stored ones of the hour, and the one of now.
    await expect
      .poll(() => labelOf(page, 'Price of BTC-USD'), SOON)
      .toBe('Price of BTC-USD. Now 60,000.00. 61 points since 2026-03-14 14:00:00 UTC');
    expect(errors).toEqual([]);
  });

  test('forecasts begin where the first is stored, buffers with the account that has them', async () => {
    const { page } = await visit(browser, server.url, '#/volatility');
    await expect
      .poll(() => labelOf(page, 'Volatility forecast of BTC'), SOON)
      .toContain('. 6 points since 2026-03-14 10:00:00 UTC');
    // The book is 32 minutes old: three moments in steps of ten, and now.
    await expect
      .poll(() => labelOf(page, 'Margin buffer of BTC over time'), SOON)
      .toContain('. 4 points since 2026-03-14 14:30:00 UTC');
  });

  test('the margin of an account begins with its book', async () => {
    const { page } = await visit(browser, server.url, '#/accounts/alice');
    await expect
      .poll(() => labelOf(page, 'Net margin of alice over time'), SOON)
      .toMatch(/\. 4 points since 2026-03-14 14:30:00 UTC$/);
  });

  test('publications: state, value and where each has arrived', async () => {
    const { page, errors } = await visit(browser, server.url, '#/publications');
    const rows = () => rowsOf(page, 'Publications, the newest first');
    await expect.poll(async () => (await rows()).length, SOON).toBe(4);
    expect(await rows()).toEqual([
      ['BTC-PERP', 'maintenanceMarginRate', 'value', 'forecast', '0.0525', 'pending', '–', '–'],
      [
        ...['BTC-PERP', 'initialMarginRate', 'parameter', 'governance', '0.0525', 'refused', '–'],
        'ApprovalsMissing',
      ],
      [
        ...['BTC-PERP', 'initialMarginRate', 'bounds', 'governance', '–', 'published'],
        ...['hub: arrived l2: stuck ', '–'],
      ],
      [
        ...['BTC-PERP', 'initialMarginRate', 'value', 'forecast', '0.0525', 'arrived'],
        ...['hub: arrived l2: arrived ', '–'],
      ],
    ]);
    const hints = await page
      .locator('tbody .badge', { hasText: /^(hub|l2):/ })
      .evaluateAll((all) => all.map((one) => (one as unknown as { title: string }).title));
    expect(hints).toEqual([
      expect.stringMatching(/^hub arrived 2026-03-14 14:00:00 UTC *$/),
      expect.stringMatching(/^l2 stuck +no message after 60 s$/),
      'hub arrived 2026-03-14 14:00:00 UTC final ',
      'l2 arrived 2026-03-14 14:00:00 UTC final ',
    ]);
    expect(errors).toEqual([]);
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      const shots = process.env.SCREENSHOTS;
      if (shots) await page.screenshot({ path: `${shots}/publications-${theme}.png`, fullPage: true });
    }
  });
});
