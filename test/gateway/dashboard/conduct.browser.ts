import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { refusedPrice, robustPrice } from '../support/market.ts';
import { chromiumPath, launch, rowsOf, type ServedWorld, serveWorld, storeBooks, visit } from './support.ts';

const path = chromiumPath();
const SOON = { timeout: 20_000 };
const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
const { keys } = parseApiKeys(`alpha:${hashKey('alpha-key')}`);
const PAGES = [
  '#/prices/BTC-USD',
  '#/volatility',
  '#/accounts',
  '#/accounts/optioneer',
  '#/publications',
  '#/incidents',
];

const background = (page: Page) =>
  page.evaluate(
    'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)',
  ) as Promise<number[]>;
const focused = (page: Page) =>
  page.evaluate("document.activeElement?.textContent?.trim() ?? ''") as Promise<string>;
const states = async (page: Page) => (await rowsOf(page, 'Prices and their verdicts')).map((row) => row[5]);

describe.skipIf(path === null)('the conduct of the dashboard', () => {
  let browser: Browser;
  let served: ServedWorld;
  beforeAll(async () => {
    browser = await launch(path!);
    served = await serveWorld();
    await storeBooks(served);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  test.each(PAGES)('%s asks this gateway only, logs no error, and fits a narrow screen', async (fragment) => {
    const { page, errors, requests } = await visit(browser, served.server.url, fragment, {
      viewport: { width: 360, height: 740 },
    });
    await page.locator('#connection', { hasText: /^Live$/ }).waitFor();
    await page.locator('main h1').waitFor();
    const hosts = new Set(requests.map(({ url }) => new URL(url).origin));
    expect([...hosts]).toEqual([served.server.url]);
    await expect
      .poll(() => page.evaluate('document.documentElement.scrollWidth - innerWidth'), SOON)
      .toBeLessThanOrEqual(0);
    await expect.poll(() => page.locator('nav a[aria-current=page]').count(), SOON).toBe(1);
    const nameless = await page.evaluate(
      "[...document.querySelectorAll('a, button, select, input')].filter((e) => e.checkVisibility() && !(e.textContent.trim() || e.labels?.length || e.getAttribute('aria-label'))).length",
    );
    expect(nameless).toBe(0);
    expect(errors).toEqual([]);
  });

  test('everything is reached and used with the keyboard', async () => {
    const { page } = await visit(browser, served.server.url);
    await expect.poll(() => states(page), SOON).toHaveLength(3);
    await page.keyboard.press('Tab');
    await expect.poll(() => focused(page), SOON).toBe('Skip to the content');
    await expect
      .poll(() => page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), SOON)
      .toBe('solid');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.id'), SOON).toBe('main');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate('document.activeElement.className'), SOON).toBe('table-frame');
    await page.keyboard.press('Tab');
    await expect.poll(() => focused(page), SOON).toBe('Feed');
    const feeds = async () => (await rowsOf(page, 'Prices and their verdicts')).map(([feed]) => feed);
    await expect.poll(() => feeds(), SOON).toEqual(['BTC-USD', 'ETH-USD', 'USDC-USD']);
    await page.keyboard.press('Enter');
    await expect.poll(() => feeds(), SOON).toEqual(['USDC-USD', 'ETH-USD', 'BTC-USD']);
    await expect.poll(() => focused(page), SOON).toBe('Feed');
    await expect.poll(() => page.locator('th[aria-sort=descending]').innerText(), SOON).toContain('Feed');
    for (let steps = 0; steps < 20 && (await focused(page)) !== 'USDC-USD'; steps += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page), SOON).toBe('Prices');
    expect(page.url()).toContain('#/prices/USDC-USD');
    for (let steps = 0; steps < 12 && (await focused(page)) !== 'Accounts'; steps += 1)
      await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page), SOON).toBe('Accounts');
    await expect.poll(() => page.locator('main h1').innerText(), SOON).toBe('Accounts');
  });

  test('light and dark follow the system until the switch says otherwise', async () => {
    const { page } = await visit(browser, served.server.url, '', { colorScheme: 'dark' });
    expect(Math.max(...(await background(page)))).toBeLessThan(60);
    await page.selectOption('#theme', 'light');
    expect(Math.min(...(await background(page)))).toBeGreaterThan(200);
    await page.reload();
    expect(Math.min(...(await background(page)))).toBeGreaterThan(200);
    await page.selectOption('#theme', 'system');
    expect(Math.max(...(await background(page)))).toBeLessThan(60);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(Math.min(...(await background(page)))).toBeGreaterThan(200);
  });

  test('text of others stays text', async () => {
    const hostile = await serveWorld({
      override: (ports) => ({
        ...ports,
        accounts: {
          ...ports.accounts,
          list: async () => [
            { accountId: HOSTILE, sequence: 1n, positionCount: 0, updatedAtMs: 0, rank: null, health: null },
          ],
        },
      }),
    });
    const bad = refusedPrice('BTC-USD', '60000');
    const reasons = [{ code: HOSTILE, message: HOSTILE }];
    const verdict = { usable: false, reasons };
    hostile.world.prices.set('BTC-USD', {
      ...bad,
      verdicts: { open: verdict, margin: verdict, liquidate: verdict },
    });
    const { page, errors } = await visit(browser, hostile.server.url, '#/accounts');
    await expect.poll(async () => (await rowsOf(page, 'Accounts by health'))[0]?.[0], SOON).toBe(HOSTILE);
    await page.locator('main tbody a').click();
    await page.locator('h1', { hasText: HOSTILE }).waitFor();
    for (const fragment of ['#/prices/BTC-USD', '#/incidents']) {
      await page.goto(`${hostile.server.url}/dashboard${fragment}`);
      await expect.poll(() => page.innerText('main'), SOON).toContain(HOSTILE);
    }
    await expect.poll(() => page.locator('main img, main script').count(), SOON).toBe(0);
    await expect.poll(() => page.title(), SOON).toContain('Breakwater');
    // The gateway refuses such an id, which the browser remarks; no script ran and none was stopped.
    expect(errors.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
    await hostile.close();
  });

  test('a policy stops what a mistake would let through', async () => {
    const { page } = await visit(browser, served.server.url);
    await expect(page.evaluate("document.body.innerHTML = '<b>x</b>'")).rejects.toThrow(/Trusted/);
    await expect(page.evaluate("setTimeout('document.title = 1')")).rejects.toThrow(/Trusted/);
  });

  test('old prices are stale with their reason; so is everything while the connection is lost', async () => {
    const own = await serveWorld();
    const { page } = await visit(browser, own.server.url);
    await expect.poll(() => states(page), SOON).toEqual(['current', 'current', 'current']);
    own.world.nowMs += 60_000;
    await expect.poll(() => states(page), SOON).toEqual(['stale', 'stale', 'stale']);
    await expect
      .poll(async () => (await rowsOf(page, 'Prices and their verdicts'))[0]?.[10], SOON)
      .toContain('price-expired');
    expect((await rowsOf(page, 'Prices and their verdicts'))[0]?.[4]).toMatch(/^\d\d s$/);
    for (const id of ['BTC-USD', 'ETH-USD', 'USDC-USD']) {
      own.world.prices.set(id, robustPrice(id, '1', own.world.nowMs));
    }
    await expect.poll(() => states(page), SOON).toEqual(['current', 'current', 'current']);
    await own.close();
    await page.locator('#banner', { hasText: 'Connection lost' }).waitFor();
    await expect.poll(() => page.locator('#connection').innerText(), SOON).toBe('Connection lost');
    await expect.poll(() => states(page), SOON).toEqual(['stale', 'stale', 'stale']);
    await page.context().close();
  });

  test('a key is asked for, sent as a header only, and forgotten', async () => {
    const locked = await serveWorld({ apiKeys: keys });
    await storeBooks(locked, { Authorization: 'Bearer alpha-key' });
    const { page, requests } = await visit(browser, locked.server.url, '#/accounts');
    await page.locator('#key-dialog[open]').waitFor();
    await page.keyboard.type('wrong-key');
    await page.keyboard.press('Enter');
    await page.locator('#key-problem', { hasText: 'not known' }).waitFor();
    await page.locator('#key-dialog[open]').waitFor();
    await page.fill('#key', 'alpha-key');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await rowsOf(page, 'Accounts by health')).length, SOON).toBe(3);
    await page.locator('#connection', { hasText: /^Live$/ }).waitFor();
    expect(requests.filter(({ url }) => url.includes('-key'))).toEqual([]);
    expect(page.url()).not.toContain('alpha-key');
    const streams = requests.filter(({ url }) => url.endsWith('/v1/stream'));
    expect(streams.at(-1)?.authorization).toBe('Bearer alpha-key');
    await expect
      .poll(() => page.evaluate('[JSON.stringify(localStorage), document.cookie]'), SOON)
      .toEqual(['{}', '']);
    await page.click('#key-button');
    await page.click('#key-forget');
    await page.locator('#key-problem', { hasText: 'asks for a key' }).waitFor();
    await expect.poll(() => page.evaluate('sessionStorage.length'), SOON).toBe(0);
    await expect.poll(() => rowsOf(page, 'Accounts by health'), SOON).toEqual([]);
    await page.context().close();
    await locked.close();
  });
});
