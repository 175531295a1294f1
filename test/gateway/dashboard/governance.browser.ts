import type { Browser, Page } from 'playwright-core';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { putPolicy } from '../../../db/queries/governance.ts';
import { getProposal } from '../../../db/queries/proposals.ts';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import type { Scope } from '../../../gateway/auth/scopes.ts';
import { typedDataOf } from '../../../gateway/governance/verify-approval.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { BOOK, jsonRequest } from '../support/gateway.ts';
import { policyOf, runProposals } from '../support/proposal-job.ts';
import { issueKey, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';
import { chromiumPath, launch, rowsOf, visit } from './support.ts';

const path = chromiumPath();
const SOON = { timeout: 20_000 };
const HOUR = 3_600_000;
const SIGNERS = [1, 2].map((n) => privateKeyToAccount(`0x${`0${n}`.repeat(32)}`));
const POLICY = policyOf(SIGNERS, 2);
const PROPOSALS = 'Proposals, the newest first';
const AUDIT = 'Audit log, the newest first';

describe.skipIf(path === null)('the governance page', () => {
  let browser: Browser;
  let postgres: TestPostgres;
  let database: Database;
  let tenancy: TenancyWorld;
  let server: RunningServer;
  let ask: Ask;
  let headers: Record<string, string>;
  let open: string;
  const secrets = new Map<string, string>();

  /** One run of the job at a wall time. */
  const work = (wallNowMs = Date.now()) => runProposals(database, tenancy, wallNowMs);
  const propose = async (title: string, parameters: object) => {
    const made = await ask('/v1/proposals', jsonRequest('POST', { title, parameters }, headers));
    return String(pick(made.json, 'id'));
  };
  const approve = async (id: string, signer: (typeof SIGNERS)[number]) => {
    const signature = await signer.signTypedData(typedDataOf(await getProposal(database.orm, 'alpha', id)));
    const given = await ask(`/v1/proposals/${id}/approvals`, jsonRequest('POST', { signature }, headers));
    expect(given.status).toBe(200);
  };

  beforeAll(async () => {
    postgres = await startTestPostgres();
    database = await postgres.openMigrated();
    tenancy = await tenancyWorld(database);
    ask = asker(tenancy.world);
    const scopes: Record<string, readonly Scope[]> = {
      all: ['read', 'write', 'govern', 'admin'],
      reader: ['read'],
    };
    for (const [name, of] of Object.entries(scopes))
      secrets.set(name, (await issueKey(database, 'alpha', of)).secret);
    secrets.set('other', (await issueKey(database, 'beta', ['read', 'govern'])).secret);
    await tenancy.ring.reload();
    headers = { Authorization: `Bearer ${secrets.get('all')}` };
    await putPolicy(database, 'alpha', POLICY, 'test');
    for (const [account, cash] of [
      ['rich', '100000'],
      ['thin', '1000'],
    ])
      await ask(
        `/v1/accounts/${account}/positions`,
        jsonRequest('PUT', { sequence: 1, ...BOOK, cash }, headers),
      );
    // The first is executed and announced, the second waits for a signature, the third is vetoed.
    const first = await propose('raise a little', { perp: { initial: 0.07 } });
    await work();
    for (const signer of SIGNERS) await approve(first, signer);
    await work(Date.now() + 2 * HOUR);
    open = await propose('raise the rates', { perp: { initial: 0.13, maintenance: 0.1 } });
    await work();
    await approve(open, SIGNERS[0]!);
    const third = await propose('wrong asset', { perp: { initial: 0.5 } });
    await work();
    await ask(`/v1/proposals/${third}/veto`, jsonRequest('POST', { reason: 'wrong asset' }, headers));
    const freeze = jsonRequest('POST', { reason: 'bad mark' }, headers);
    expect((await ask('/v1/markets/ETH-PERP/freeze', freeze)).status).toBe(200);
    await tenancy.configurations.reload();
    server = await serve(tenancy.world.app, { host: '127.0.0.1', port: 0, drainMs: 200 });
    browser = await launch(path!);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await tenancy?.close();
    await postgres?.stop();
  });

  const enter = async (page: Page, key: string) => {
    await page.locator('#key-dialog[open]').waitFor();
    await page.fill('#key', secrets.get(key)!);
    await page.keyboard.press('Enter');
  };
  const visitWith = async (key: string, fragment: string, options = {}) => {
    const seen = await visit(browser, server.url, fragment, options);
    await enter(seen.page, key);
    return seen;
  };

  test('proposals: state, change, accounts hit, signatures and what comes next', async () => {
    const { page } = await visitWith('all', '#/governance');
    await expect.poll(async () => (await rowsOf(page, PROPOSALS)).length, SOON).toBe(3);
    const rows = await rowsOf(page, PROPOSALS);
    expect(rows).toEqual([
      [
        ...['wrong asset', 'vetoed', expect.stringMatching(/^wrong asset, 20/), 'perp.initial 0.07 → 0.5'],
        ...['1 of 2', '0 of 2', '0 of 2'],
      ],
      [
        ...['raise the rates', 'open', expect.stringMatching(/^Approvals for 23 h 5\d min more$/)],
        ...['perp.initial 0.07 → 0.13; perp.maintenance 0.05 → 0.1', '1 of 2', '0 of 2', '1 of 2'],
      ],
      [
        ...['raise a little', 'executed'],
        expect.stringMatching(
          /^In force in (2 h 0|1 h 59) min of market time, from 2026-03-14 17:00:00 UTC$/,
        ),
        ...['perp.initial 0.065 → 0.07', '0 of 2', '0 of 2', '2 of 2'],
      ],
    ]);
    // The same with the keyboard: into the frame, past the heads, to the proposal.
    const link = page.locator('main tbody a', { hasText: 'raise the rates' });
    await link.focus();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.evaluate("document.activeElement?.textContent ?? ''"), SOON)
      .toBe('Governance');
    expect(page.url()).toContain(`#/governance/${open}`);
    await expect
      .poll(() => rowsOf(page, 'What it changes'), SOON)
      .toEqual([
        ['perp.initial', '0.07', '0.13', '+85.7 %'],
        ['perp.maintenance', '0.05', '0.1', '+100.0 %'],
      ]);
    const accounts = () => rowsOf(page, 'Accounts, the hardest hit first');
    await expect.poll(async () => (await accounts()).length, SOON).toBe(2);
    expect((await accounts())[0]?.slice(0, 3)).toEqual(['thin', 'healthy', 'margin-call']);
    const panel = page.locator('section.card');
    expect(await panel.innerText()).toMatch(/Newly called\s+1\s+Newly liquidatable\s+0/);
    await page.context().close();
  });

  test('parameters in force with their buffer, what is announced, and a frozen market', async () => {
    const { page } = await visitWith('all', '#/governance');
    const rates = () => rowsOf(page, 'Rates of one unit at the mark');
    await expect.poll(async () => (await rates()).length, SOON).toBeGreaterThan(2);
    const row = async (market: string) => (await rates()).find(([id]) => id === market);
    // 6.5 % and 5 % with the buffer at its cap of 3, as GET /v1/parameters/BTC-PERP tells it.
    const btc = (await ask('/v1/parameters/BTC-PERP', { headers })).json;
    expect(pick(btc, 'rates', 'initial')).toBe('0.195');
    expect((await row('BTC-PERP'))?.slice(1, 6)).toEqual([
      ...['perp', '60,000.00', '19.50 %', '15.00 %'],
      `× ${pick(btc, 'buffer', 'initialFactor')} / × ${pick(btc, 'buffer', 'maintenanceFactor')}`,
    ]);
    expect((await row('BTC-PERP'))?.at(-1)).toBe('open');
    expect((await row('ETH-PERP'))?.at(-1)).toBe('frozen bad mark');
    await expect
      .poll(() => page.locator('.notice', { hasText: 'Announced' }).innerText(), SOON)
      .toMatch(/^Announced: version 1, standard@1\.0\.0\. In force in (2 h 0|1 h 59) min of market time/);
    await page.locator('main summary', { hasText: 'All parameters' }).click();
    await expect
      .poll(() => rowsOf(page, 'Parameters of the module'), SOON)
      .toContainEqual(['perp.initial', '0.065']);
    await page.context().close();
  });

  test('the end of the audit log, which the gateway recomputed; a changed entry is told', async () => {
    const { page } = await visitWith('all', '#/governance');
    await expect.poll(async () => (await rowsOf(page, AUDIT))[0]?.[3], SOON).toBe('market.freeze');
    const verdict = page.locator('.state-line', { hasText: /intact|broken/ });
    await expect
      .poll(() => verdict.innerText(), SOON)
      .toMatch(/^intact The gateway recomputed the last \d+ of \d+/);
    const set = (actor: string) =>
      database.pool.query(
        `alter table audit_log disable trigger user;
         update audit_log set actor = '${actor}' where protocol = 'alpha' and action = 'policy.set';
         alter table audit_log enable trigger user`,
      );
    await set('somebody');
    await page.reload();
    await expect.poll(() => verdict.innerText(), SOON).toMatch(/^broken entry \d+ its content does not have/);
    await set('test');
    await page.context().close();
  });

  test('a key without the scope sees all but the log; another protocol sees nothing of this one', async () => {
    const { page, errors } = await visitWith('reader', '#/governance');
    await expect.poll(async () => (await rowsOf(page, PROPOSALS)).length, SOON).toBe(3);
    await page.locator('.notice', { hasText: /^The audit log cannot be shown:.*govern/ }).waitFor();
    expect(await rowsOf(page, AUDIT)).toEqual([]);
    // The browser itself remarks refusals: of the log, and those before there was a key.
    expect(errors.filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
    await page.click('#key-button');
    await page.click('#key-forget');
    await page.locator('.notice', { hasText: 'Give an API key' }).waitFor();
    await enter(page, 'other');
    await page.locator('.empty', { hasText: 'Nothing has been proposed.' }).waitFor();
    expect(await rowsOf(page, PROPOSALS)).toEqual([]);
    expect(await page.innerText('main')).not.toContain('bad mark');
    await page.context().close();
  });

  test('a proposal that does not exist is told, and a gateway without governance says so', async () => {
    const { page } = await visitWith('all', `#/governance/0x${'00'.repeat(32)}`);
    await page.locator('.notice', { hasText: 'The proposal could not be read' }).waitFor();
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)('fits a narrow screen, %s', async (colorScheme) => {
    const { page } = await visitWith('all', `#/governance/${open}`, {
      ...{ colorScheme, viewport: { width: 360, height: 740 } },
    });
    await expect.poll(async () => (await rowsOf(page, AUDIT)).length, SOON).toBeGreaterThan(0);
    await expect
      .poll(() => page.evaluate('document.documentElement.scrollWidth - innerWidth'), SOON)
      .toBeLessThanOrEqual(0);
    const shots = process.env.SCREENSHOTS;
    if (shots) {
      await page.screenshot({ path: `${shots}/governance-narrow-${colorScheme}.png`, fullPage: true });
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.screenshot({ path: `${shots}/governance-${colorScheme}.png`, fullPage: true });
    }
    await page.context().close();
  });
});
