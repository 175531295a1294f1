import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusedPrice, robustPrice } from '../support/market.ts';
import { chromiumPath, launch, rowsOf, type ServedWorld, serveWorld, storeBooks, visit } from './support.ts';

const path = chromiumPath();
/** 2 s by market time, which may go on a little between two answers. */
const AGE = expect.stringMatching(/^[23]\.\d s$/);
const SOON = { timeout: 20_000 };

describe.skipIf(path === null)('the pages of the dashboard', () => {
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

  test('prices with verdicts, sources and reasons; a new price comes by the stream', async () => {
    const { world, publisher, server } = served;
    world.prices.set('USDC-USD', refusedPrice('USDC-USD', '1'));
    const { page, errors, requests } = await visit(browser, server.url, '#/prices/BTC-USD');
    const prices = () => rowsOf(page, 'Prices and their verdicts');
    await expect.poll(prices, SOON).toHaveLength(3);
    expect(await prices()).toEqual([
      [
        'BTC-USD',
        '60,000.00 USD',
        '30.00',
        '0.98',
        AGE,
        'current',
        'usable',
        'usable',
        'usable',
        '2 of 3',
        '–',
      ],
      [
        'ETH-USD',
        '3,000.00 USD',
        '1.500000',
        '0.98',
        AGE,
        'current',
        'usable',
        'usable',
        'usable',
        '2 of 3',
        '–',
      ],
      [
        'USDC-USD',
        '1.000000 USD',
        '0.000500',
        '0.98',
        AGE,
        'stale',
        'refused',
        'refused',
        'refused',
        '2 of 3',
        'quorum-not-met',
      ],
    ]);
    const votes = () => rowsOf(page, 'What the sources of BTC-USD said');
    await expect.poll(votes, SOON).toHaveLength(3);
    const [chainlink, , uniswap] = await votes();
    expect(chainlink).toEqual([
      'chainlink:hub',
      'chainlink',
      'hub',
      'counted',
      '0.5',
      '60,000.00',
      '2.0 s',
      '–',
    ]);
    expect(uniswap?.slice(3, 6)).toEqual(['left out', '0', '–']);
    expect(uniswap?.at(-1)).toContain('chain-unavailable');
    expect(await page.textContent('body')).not.toContain('SECRETKEY');

    await page.locator('#connection', { hasText: /^Live$/ }).waitFor();
    const asked = requests.filter(({ url }) => url.endsWith('/v1/prices')).length;
    world.prices.set('BTC-USD', robustPrice('BTC-USD', '61234.5'));
    publisher.pricesMoved(world.nowMs);
    await expect.poll(async () => (await prices())[0]?.[1], SOON).toBe('61,234.50 USD');
    expect(requests.filter(({ url }) => url.endsWith('/v1/prices')).length - asked).toBeLessThanOrEqual(2);
    world.prices.set('BTC-USD', robustPrice('BTC-USD', '60000'));
    world.prices.set('USDC-USD', robustPrice('USDC-USD', '1'));
    expect(errors).toEqual([]);
  });

  test('a fan of volatility with the onset probability, and the margin buffer', async () => {
    const { page, errors } = await visit(browser, served.server.url, '#/volatility');
    const card = page.locator('section', { has: page.locator('h2', { hasText: /^BTC$/ }) });
    await card.waitFor();
    const facts = await card.locator('dl').innerText();
    expect(facts).toMatch(/calm[\s\S]*5\.0 %[\s\S]*8\.0 %/);
    const label = await card.locator('.chart').getAttribute('aria-label');
    // sqrt(2e-5 x 0.9 x 8760) and the same with the multiples 0.3 and 2.2 of the 5 % and 95 % quantiles.
    expect(label).toContain('Next 1 h: median 39.7 %, 90 % between 22.9 % and 62.1 %');
    await card.locator('summary').click();
    const rows = await rowsOf(page, 'Forecast of BTC by horizon');
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['1 h', '22.9 %', '32.4 %', '39.7 %'],
      ['4 h', '22.9 %', '32.4 %', '39.7 %'],
      ['24 h', '22.9 %', '32.4 %', '39.7 %'],
    ]);
    const colours = await card.locator('canvas').evaluate((element) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext(kind: '2d'): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8Array };
        };
      };
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set<number>();
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3]! > 0) seen.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!);
      }
      return seen.size;
    });
    expect(colours).toBeGreaterThan(10);
    const buffer = page.locator('.card', { has: page.locator('h3', { hasText: /^BTC$/ }) });
    await expect.poll(() => buffer.innerText(), SOON).toMatch(/Initial × \d/);
    expect(errors).toEqual([]);
  });

  test('accounts, the sickest first; a change of status comes at once', async () => {
    const { world, hub, server } = served;
    const { page, errors } = await visit(browser, server.url, '#/accounts');
    const accounts = () => rowsOf(page, 'Accounts by health');
    await expect
      .poll(async () => (await accounts()).map(([, status]) => status), SOON)
      .not.toContain('asked');
    await expect.poll(async () => (await accounts()).length, SOON).toBe(3);
    const margin = (await (await world.app.request('/v1/accounts/alice/margin')).json()) as {
      equity: string;
    };
    // Each row moves when its margin arrives.
    await expect.poll(async () => (await accounts())[0]?.[0], SOON).toBe('sinking');
    const rows = await accounts();
    expect(['liquidatable', 'insolvent']).toContain(rows[0]?.[1]);
    const alice = rows.find(([id]) => id === 'alice');
    expect(Number(alice?.[3]?.replaceAll(',', ''))).toBeCloseTo(Number(margin.equity), 2);
    await page.locator('#connection', { hasText: /^Live$/ }).waitFor();
    await world.app.request('/v1/accounts/alice/positions', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sequence: 2, cash: '5', positions: [] }),
    });
    hub.publish({ topic: 'margin', subject: 'alice', protocol: 'local', data: { accountId: 'alice' } });
    await expect.poll(async () => (await accounts()).find(([id]) => id === 'alice')?.[3], SOON).toBe('5.00');
    expect(errors).toEqual([]);
  });

  test('an account: margin by chain and position, Greeks, heat map, prices and ladder of liquidation', async () => {
    const { page, errors } = await visit(browser, served.server.url, '#/accounts/optioneer');
    const chains = () => rowsOf(page, 'Margin by chain');
    await expect
      .poll(async () => (await chains()).map(([chain]) => chain), SOON)
      .toEqual(expect.arrayContaining(['whole account', 'hub', 'l2']));
    const greeks = await rowsOf(page, 'Greeks by position');
    const call = greeks.find(([position]) => position === 'call');
    // Short one call: short delta, gamma and vega, and time works for it.
    expect(Number(call?.[2])).toBeLessThan(0);
    expect(Number(call?.[4])).toBeLessThan(0);
    expect(Number(call?.[5])).toBeGreaterThan(0);
    expect(greeks.find(([position]) => position === 'perp')?.slice(2, 4)).toEqual(['0.3', '–']);
    const cells = page.locator('.heat-map td.heat');
    await cells.first().waitFor();
    const stress = (await (await served.world.app.request('/v1/accounts/optioneer/stress')).json()) as {
      grid: { spotMoves: number[]; volatilities: number[] };
    };
    await expect
      .poll(() => cells.count(), SOON)
      .toBe(stress.grid.spotMoves.length * stress.grid.volatilities.length);
    await expect.poll(() => page.locator('.heat.worst').count(), SOON).toBe(1);
    await expect.poll(() => rowsOf(page, 'Price at which net maintenance'), SOON).not.toEqual([]);

    await page.goto(`${served.server.url}/dashboard#/accounts/sinking`);
    await expect.poll(() => rowsOf(page, 'Liquidation ladder'), SOON).not.toEqual([]);
    const [first] = await rowsOf(page, 'Liquidation ladder');
    expect(first?.slice(0, 3)).toEqual([
      '1',
      expect.stringMatching(/^p[12]$/),
      expect.stringMatching(/-PERP$/),
    ]);
    expect(errors).toEqual([]);
  });

  test('incidents: what is wrong now, and alarms as they come', async () => {
    const { world, hub, server } = served;
    world.prices.set('ETH-USD', refusedPrice('ETH-USD', '3000'));
    world.checks[0] = { name: 'prices', ok: false, detail: '2 of 3 feeds' };
    const { page, errors } = await visit(browser, server.url, '#/incidents');
    const open = () => rowsOf(page, 'Open now');
    await expect
      .poll(open, SOON)
      .toContainEqual(['ETH-USD', 'refused for margin', 'quorum-not-met', '1 of 2 groups left']);
    await expect.poll(open, SOON).toContainEqual(['prices', 'gateway', 'not-ready', '2 of 3 feeds']);
    await page.locator('#connection', { hasText: /^Live$/ }).waitFor();
    hub.publish({
      topic: 'alarm',
      subject: 'BTC-USD',
      protocol: null,
      data: {
        feed: 'BTC-USD',
        guard: 'deviation',
        subject: 'chainlink:hub',
        state: 'raised',
        message: 'far off',
        value: 3.5,
        limit: 2,
        unit: '%',
        at: '2026-03-14T15:00:00.000Z',
      },
    });
    await expect
      .poll(() => rowsOf(page, 'Alarms'), SOON)
      .toEqual([
        ['2026-03-14 15:00:00', 'BTC-USD', 'deviation', 'chainlink:hub', 'raised', '3.5 %', '2 %', 'far off'],
      ]);
    world.prices.set('ETH-USD', robustPrice('ETH-USD', '3000'));
    world.checks[0] = { name: 'prices', ok: true, detail: '3 of 3 feeds' };
    await expect.poll(open, SOON).toEqual([]);
    // The browser itself remarks that /ready answers 503.
    expect(errors.filter((text) => !text.includes('503'))).toEqual([]);
  });
});
