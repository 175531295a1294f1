import { beforeAll, describe, expect, test } from 'vitest';
import { AnalysisBusyError } from '../../../gateway/engine/analysis-errors.ts';
import { type MarginUnder, summarise } from '../../../gateway/governance/impact.ts';
import { shadowRuns } from '../../../gateway/governance/shadow.ts';
import { wadFromDecimal, wadToDecimal } from '../../../risk/units/wad.ts';
import { pick } from '../support/contract.ts';
import { BOOK, jsonRequest } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { DEPLOYMENT, pushedBooks } from '../support/tenancy.ts';
import { useTwoTenants } from '../support/two-tenants.ts';

const { database, tenancy, ask, headers } = await useTwoTenants(['read', 'write']);
const RAISE = { perp: { initial: 0.13, maintenance: 0.1 } };

beforeAll(async () => {
  // Equity 33,000 at 1,000 of cash; requirements at the buffer's cap 26,370, raised 39,240, maintenance 28,800.
  const books = [
    { accountId: 'rich', ...BOOK, cash: '100000' },
    { accountId: 'thin', ...BOOK, cash: '1000' },
    { accountId: 'bare', ...BOOK, cash: '-8000' },
    { accountId: 'cash', cash: '5', positions: [] },
  ].map((book) => ({ sequence: 1, ...book }));
  const put = jsonRequest('POST', { updates: books }, headers.get('alpha'));
  expect((await ask('/v1/accounts/positions/batch', put)).status).toBe(200);
});

const shadow = (
  parameters: object = RAISE,
  { query = '', module = 'standard/1.0.0', protocol = 'alpha' } = {},
) => ask(`/v1/modules/${module}/shadow${query}`, jsonRequest('POST', { parameters }, headers.get(protocol)));
const marginOf = async (id: string) =>
  (await ask(`/v1/accounts/${id}/margin`, { headers: headers.get('alpha')! })).json;

describe('a shadow run', () => {
  test('says who would be called and liquidated, and the differences in total and by account, exactly', async () => {
    const { status, json } = await shadow();
    expect(status).toBe(200);
    expect(json).toMatchObject({
      before: { moduleId: 'standard', moduleVersion: '1.0.0', parametersHash: DEPLOYMENT.parametersHash },
      after: { moduleId: 'standard', moduleVersion: '1.0.0' },
      summary: { asOf: new Date(NOW_MS).toISOString(), accounts: 4, raised: 3, lowered: 0, unknown: 0 },
      nextCursor: null,
    });
    const rows = pick(json, 'accounts') as Record<string, string>[];
    expect(rows.map(({ accountId, initialChange }) => [accountId, initialChange])).toEqual([
      ['bare', '12870'],
      ['rich', '12870'],
      ['thin', '12870'],
      ['cash', '0'],
    ]);
    const sum = (field: string) => rows.reduce((total, row) => total + wadFromDecimal(row[field]!), 0n);
    const summary = pick(json, 'summary') as Record<string, string>;
    expect(summary.initialBefore).toBe(wadToDecimal(sum('initialBefore')));
    expect(summary.initialAfter).toBe(wadToDecimal(sum('initialAfter')));
    expect(sum('initialAfter') - sum('initialBefore')).toBe(sum('initialChange'));
    expect(sum('maintenanceAfter') - sum('maintenanceBefore')).toBe(sum('maintenanceChange'));
    const named = (wanted: (row: Record<string, string>) => boolean) =>
      rows.filter(wanted).map(({ accountId }) => accountId);
    for (const show of ['changed', 'called', 'liquidated']) {
      const shown = (await shadow(RAISE, { query: `?show=${show}` })).json;
      const ids = (pick(shown, 'accounts') as { accountId: string }[]).map(({ accountId }) => accountId);
      const called = ['margin-call', 'liquidatable', 'insolvent'];
      const set = show === 'called' ? called : called.slice(1);
      const expected = named(({ statusBefore, statusAfter }) =>
        show === 'changed'
          ? statusBefore !== statusAfter
          : set.includes(statusAfter!) && !set.includes(statusBefore!),
      );
      expect([show, ids]).toEqual([show, expected]);
      if (show === 'called') expect(ids).toEqual(['thin']);
      if (show === 'liquidated') expect(ids).toEqual(['bare']);
      expect(pick(shown, 'summary')).toEqual(summary);
    }
    expect(summary).toMatchObject({ newlyLiquidatable: 1 });
  });

  test('is read page by page, largest change first', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = `?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`;
      const { json } = await shadow(RAISE, { query });
      ids.push(...(pick(json, 'accounts') as { accountId: string }[]).map(({ accountId }) => accountId));
      cursor = pick(json, 'nextCursor') as string | null;
    } while (cursor !== null);
    expect(ids).toEqual(['bare', 'rich', 'thin', 'cash']);
    const foreign = await shadow(RAISE, { query: '?cursor=WzFd' });
    expect(foreign.json).toMatchObject({ status: 400, errors: [{ field: 'cursor' }] });
  });

  test('changes nothing and is seen by nobody else', async () => {
    const before = await marginOf('thin');
    const other = await shadow(RAISE, { module: 'fixed/1.0.0' });
    expect(other.json).toMatchObject({ status: 400, type: '/errors/invalid-input' });
    await shadow();
    await shadow({}, { module: 'fixed/1.0.0' });
    expect(await marginOf('thin')).toEqual(before);
    expect((await shadow(RAISE, { protocol: 'beta' })).json).toMatchObject({
      summary: { accounts: 0, initialBefore: '0' },
      accounts: [],
    });
  });

  test('names what is wrong with a module or a parameter', async () => {
    expect((await shadow({}, { module: 'standard/9.9.9' })).json).toMatchObject({ status: 404 });
    const bad = (await shadow({ perp: { initial: 'much' } })).json;
    expect(bad).toMatchObject({ status: 400, type: '/errors/invalid-input' });
    expect(pick(bad, 'errors', 0, 'field')).toBe('perp.initial');
    expect((await shadow({}, { query: '?show=some' })).json).toMatchObject({
      errors: [{ field: 'show' }],
    });
  });
});

describe('the runs of a gateway', () => {
  const ASK = {
    module: { id: 'standard', version: '1.0.0' },
    parameters: RAISE,
    show: 'all',
    after: null,
    limit: 10,
  } as const;
  const runs = (margin: MarginUnder) =>
    shadowRuns({
      books: pushedBooks(database),
      configurations: tenancy.configurations,
      deployment: DEPLOYMENT,
      clock: { nowMs: () => NOW_MS },
      still: () => ({ asOfMs: NOW_MS, margin }),
    });

  test('are one at a time per protocol, and end with their caller', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const run = runs(async (...given) => {
      await held;
      return tenancy.margin(...given);
    });
    const first = run('alpha', ASK, new AbortController().signal);
    await expect(run('alpha', ASK, new AbortController().signal)).rejects.toBeInstanceOf(AnalysisBusyError);
    await run('beta', ASK, new AbortController().signal);
    release();
    expect((await first).accounts).toHaveLength(4);
    expect((await run('alpha', ASK, new AbortController().signal)).accounts).toHaveLength(4);
    await expect(run('alpha', ASK, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
  });

  test('the totals are those of a proposal', () => {
    expect(summarise([], NOW_MS)).toMatchObject({ accounts: 0, initialAfter: '0' });
  });
});
