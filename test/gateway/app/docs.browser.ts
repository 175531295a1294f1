import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANGE_EXAMPLES } from '../../../gateway/app/examples/simulations.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { perpBook } from '../../../gateway/demo/books.ts';
import { chromiumPath, launch, type ServedWorld, serveWorld } from '../dashboard/support.ts';
import { jsonRequest } from '../support/gateway.ts';

const path = chromiumPath();
/** The page is several megabytes of script. */
const PATIENCE_MS = 120_000;
const KEY = 'docs-key';
const { keys } = parseApiKeys(`local:${hashKey(KEY)}:read+write`);

interface Visit {
  readonly page: Page;
  readonly errors: string[];
  readonly requests: Request[];
}

/** Opens an operation of the reference in a profile of its own. */
async function visit(browser: Browser, url: string, anchor: string): Promise<Visit> {
  const page = await (await browser.newContext({ viewport: { width: 1400, height: 1000 } })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const errors: string[] = [];
  const requests: Request[] = [];
  page.on('pageerror', (error) => errors.push(`${error.name}: ${error.message}`));
  page.on('request', (request) => requests.push(request));
  await page.goto(`${url}/docs#${anchor}`);
  return { page, errors, requests };
}

describe.skipIf(path === null)('/docs in a browser', () => {
  let browser: Browser;
  let open: ServedWorld;
  let closed: ServedWorld;
  beforeAll(async () => {
    browser = await launch(path!);
    open = await serveWorld();
    closed = await serveWorld({ apiKeys: keys });
    const book = perpBook((feed) => (feed === 'BTC-USD' ? '60000' : '3000'));
    for (const { world } of [open, closed]) {
      const put = jsonRequest('PUT', book, { Authorization: `Bearer ${KEY}` });
      expect((await world.app.request('/v1/accounts/demo/positions', put)).status).toBe(200);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await open?.close();
    await closed?.close();
  });

  test(
    'tells how to begin, and asks nobody but this gateway',
    async () => {
      const { page, errors, requests } = await visit(browser, open.server.url, '');
      await page.getByRole('heading', { name: 'Try it' }).waitFor();
      const text = (await page.textContent('body')) ?? '';
      expect(text).toContain('curl -s http://127.0.0.1:8080/v1/accounts/demo/margin');
      expect(text).toContain('-X POST http://127.0.0.1:8080/v1/keys');
      expect([...new Set(requests.map((one) => new URL(one.url()).origin))]).toEqual([open.server.url]);
      expect(errors).toEqual([]);
    },
    PATIENCE_MS * 2,
  );

  test(
    'shows the named examples of a body and the answer, and sends the one that is shown',
    async () => {
      const anchor = 'tag/margin/POST/v1/accounts/{id}/margin/simulate';
      const { page, errors, requests } = await visit(browser, open.server.url, anchor);
      const button = page.getByRole('button', {
        name: 'Test Request (post /v1/accounts/{id}/margin/simulate)',
        exact: true,
      });
      await button.waitFor();
      await page.getByRole('button', { name: 'Add a perpetual hedge' }).first().click();
      await page.getByRole('option', { name: 'Many books at once' }).first().click();
      await button.click();
      await page.getByRole('button', { name: /^Send/ }).first().click();
      await page.getByText('200 OK').first().waitFor();
      const [sent] = requests.filter((one) => one.url().includes('/v1/'));
      expect(sent?.url()).toBe(`${open.server.url}/v1/accounts/demo/margin/simulate`);
      expect(JSON.parse(sent?.postData() ?? 'null')).toEqual(CHANGE_EXAMPLES['many-books']?.value);
      expect(errors).toEqual([]);
    },
    PATIENCE_MS * 2,
  );

  test(
    'sends the key that is put under Authentication',
    async () => {
      const { page, errors, requests } = await visit(
        browser,
        closed.server.url,
        'tag/margin/GET/v1/accounts/{id}/margin',
      );
      const button = page.getByRole('button', {
        name: 'Test Request (get /v1/accounts/{id}/margin)',
        exact: true,
      });
      await button.click();
      await page.getByPlaceholder('Token').last().fill(KEY);
      await page.getByRole('button', { name: /^Send/ }).first().click();
      await page.getByText('200 OK').first().waitFor();
      const [sent] = requests.filter((one) => one.url().includes('/v1/'));
      // A plain request: what is optional is shown, and off.
      expect(sent?.url()).toBe(`${closed.server.url}/v1/accounts/demo/margin`);
      expect((await sent?.allHeaders())?.authorization).toBe(`Bearer ${KEY}`);
      expect(errors).toEqual([]);
    },
    PATIENCE_MS * 2,
  );
});
