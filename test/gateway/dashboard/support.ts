import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { StreamPublisher } from '../../../gateway/stream/publisher.ts';
import { unavailable } from '../../helpers/services.ts';
import { BOOK, createWorld, jsonRequest, type World, type WorldOptions } from '../support/gateway.ts';
import { NEAR, OPTION_BOOK, push, sviExpiry } from '../support/surface.ts';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium that is installed, or null with the reason said. */
export function chromiumPath(): string | null {
  const asked = process.env.CHROMIUM_BIN;
  const found = (asked === undefined ? PATHS : [asked]).find((path) => existsSync(path));
  const looked = asked === undefined ? PATHS.join(', ') : asked;
  return found ?? unavailable('Chromium', `none at ${looked}; set CHROMIUM_BIN`);
}

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

export interface ServedWorld {
  readonly world: World;
  readonly server: RunningServer;
  readonly hub: EventHub;
  readonly publisher: StreamPublisher;
  close(): Promise<void>;
}

/** The real gateway with its stream on a free port. */
export async function serveWorld(options: Omit<WorldOptions, 'shutdown'> = {}): Promise<ServedWorld> {
  const stop = new AbortController();
  const hub = new EventHub({ window: 100, nowMs: Date.now });
  const world = createWorld({
    ...options,
    shutdown: stop.signal,
    override: (ports) => {
      const wired = options.override?.(ports) ?? ports;
      return { ...wired, events: hub };
    },
  });
  const server = await serve(world.app, { host: '127.0.0.1', port: 0, drainMs: 200 });
  const { prices, forecasts } = world.ports;
  const publisher = new StreamPublisher({ publish: (event) => hub.publish(event), prices, forecasts });
  return {
    world,
    server,
    hub,
    publisher,
    close: async () => {
      stop.abort();
      await server.close();
    },
  };
}

/** A book of perps and collateral, one with options, and one that is under water. */
export async function storeBooks(
  { world }: ServedWorld,
  headers: Record<string, string> = {},
): Promise<void> {
  const put = async (path: string, body: object) => {
    const answer = await world.app.request(path, jsonRequest('PUT', body, headers));
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  await put('/v1/markets/BTC-OPTIONS/data', push([sviExpiry(NEAR)], { maxAgeSeconds: 300 }));
  await put('/v1/accounts/alice/positions', { sequence: 1, ...BOOK });
  await put('/v1/accounts/optioneer/positions', { sequence: 1, ...OPTION_BOOK });
  await put('/v1/accounts/sinking/positions', { sequence: 1, ...BOOK, cash: '-30000' });
}

const PAST = /\/v1\/.*(\/history\?|[?&]at=)/;

export interface Visit {
  readonly page: Page;
  /** Errors of the console and of scripts. */
  readonly errors: string[];
  /** Every request, with its headers as sent. */
  readonly requests: { readonly url: string; readonly authorization: string | null }[];
}

/** Opens a page of the dashboard in a profile of its own and takes note of what it does. */
export async function visit(
  browser: Browser,
  url: string,
  fragment = '',
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: Visit['requests'] = [];
  page.on('console', (message) => {
    // A world without storage has no past: the browser itself remarks each refusal of it.
    if (PAST.test(message.location().url) && message.text().startsWith('Failed to load resource')) return;
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(`${error.name}: ${error.message}`));
  page.on('request', (request) => {
    requests.push({ url: request.url(), authorization: request.headers().authorization ?? null });
  });
  await page.goto(`${url}/dashboard${fragment}`);
  return { page, errors, requests };
}

/** Text of every row of a table's body, cell by cell. */
export const rowsOf = (page: Page, caption: string): Promise<string[][]> =>
  page
    .locator('table', { has: page.locator('caption', { hasText: caption }) })
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...(row as unknown as { cells: Iterable<{ textContent: string | null }> }).cells].map(
          (cell) => cell.textContent ?? '',
        ),
      ),
    );
