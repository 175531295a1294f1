import { beforeAll, describe, expect, test } from 'vitest';
import { upsertMarginStatuses } from '../../../db/queries/margin-statuses.ts';
import { insertPriceSnapshots } from '../../../db/queries/price-snapshots.ts';
import { inMemoryRateLimiter } from '../../../gateway/limits/rate-limiter.ts';
import type { MarginStatus } from '../../../risk/modules/module.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { asker, pick } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';
import { parseCsv } from '../support/parse-csv.ts';
import { useTwoTenants } from '../support/two-tenants.ts';

/** Account, status, equity, maintenance requirement; null before the first sweep. */
const SWEPT: readonly [string, MarginStatus | null, string, string][] = [
  ['a-healthy', 'healthy', '3000', '1000'],
  ['b-thin', 'warned', '1100', '1000'],
  ['c-called', 'liquidatable', '900', '1000'],
  ['d-flat', 'healthy', '10', '0'],
  ['e-debt', 'insolvent', '-5', '0'],
  ['f-unknown', 'unknown', '7', '3'],
  ['g-new', null, '0', '0'],
  ['h-thin', 'warned', '1100', '1000'],
];
const BY_HEALTH = ['e-debt', 'f-unknown', 'c-called', 'b-thin', 'h-thin', 'a-healthy', 'd-flat', 'g-new'];

const { database, tenancy, ask, headers } = await useTwoTenants(['read', 'write', 'govern'], {
  pastPrices: true,
});
beforeAll(async () => {
  const updates = SWEPT.map(([accountId]) => ({ accountId, sequence: 1, ...BOOK }));
  const put = jsonRequest('POST', { updates }, headers.get('alpha'));
  expect((await ask('/v1/accounts/positions/batch', put)).status).toBe(200);
  await upsertMarginStatuses(
    database.orm,
    SWEPT.flatMap(([account, status, equity, maintenance]) =>
      status === null
        ? []
        : [
            {
              protocol: 'alpha',
              account,
              asOfMs: NOW_MS,
              sequence: 1n,
              status,
              equityWad: wadFromDecimal(equity),
              initialWad: 2n * wadFromDecimal(maintenance),
              maintenanceWad: wadFromDecimal(maintenance),
              body: {},
            },
          ],
    ),
  );
  await insertPriceSnapshots(
    database.orm,
    Array.from({ length: 1300 }, (_, k) => {
      const asOfMs = NOW_MS - 1300 * 2000 + k * 2000;
      const { market, verdicts, votes, configHash } = robustPrice('BTC-USD', String(60_000 + k), asOfMs);
      return {
        feed: 'BTC-USD',
        asOfMs,
        bucketMs: asOfMs,
        base: 'BTC',
        quoteAsset: 'USD',
        priceWad: market!.priceWad,
        confidenceWad: market!.confidenceWad,
        market,
        verdicts,
        votes,
        memory: null,
        configHash,
      };
    }),
  );
});

const get = (path: string, protocol = 'alpha', more: Record<string, string> = {}) =>
  ask(path, { headers: { ...headers.get(protocol)!, ...more } });
const idsOf = (json: unknown) =>
  (pick(json, 'accounts') as { accountId: string }[]).map(({ accountId }) => accountId);
/** Rows of an export by the names of its columns. */
async function tableOf(path: string, protocol = 'alpha') {
  const { status, headers: given, text } = await get(path, protocol);
  expect([status, given.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
  const [columns, ...rows] = parseCsv(text);
  return rows.map((row) => {
    expect(row).toHaveLength(columns!.length);
    return Object.fromEntries(columns!.map((column, k) => [column, row[k]!]));
  });
}
async function paged(path: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const { json } = await get(`${path}&limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
    ids.push(...idsOf(json));
    cursor = pick(json, 'nextCursor') as string | null;
  } while (cursor !== null);
  return ids;
}

describe('accounts by health', () => {
  test('come worst first, what cannot be valued before, what no sweep has seen last, page by page', async () => {
    expect(idsOf((await get('/v1/accounts?sort=health')).json)).toEqual(BY_HEALTH);
    expect(await paged('/v1/accounts?sort=health')).toEqual(BY_HEALTH);
    expect(await paged('/v1/accounts?sort=id')).toEqual(SWEPT.map(([account]) => account));
  });

  test('carry what the sweep found, exactly', async () => {
    const { json } = await get('/v1/accounts?sort=health&limit=3');
    expect(pick(json, 'accounts')).toMatchObject([
      { accountId: 'e-debt', margin: { status: 'insolvent', equity: '-5', maintenance: '0', ratio: null } },
      { accountId: 'f-unknown', margin: { status: 'unknown', ratio: null } },
      {
        accountId: 'c-called',
        positionCount: 3,
        margin: {
          status: 'liquidatable',
          asOf: new Date(NOW_MS).toISOString(),
          sequence: 1,
          equity: '900',
          initial: '2000',
          maintenance: '1000',
          ratio: '0.9',
        },
      },
    ]);
    const last = (await get('/v1/accounts/?sort=health')).status;
    expect(last).toBe(404);
  });

  test('can be of one status, of the caller alone, and a cursor fits its own order only', async () => {
    expect(idsOf((await get('/v1/accounts?status=warned')).json)).toEqual(['b-thin', 'h-thin']);
    expect(await paged('/v1/accounts?sort=health&status=healthy')).toEqual(['a-healthy', 'd-flat']);
    expect(idsOf((await get('/v1/accounts?sort=health', 'beta')).json)).toEqual([]);
    const cursor = pick((await get('/v1/accounts?sort=health&limit=1')).json, 'nextCursor');
    expect((await get(`/v1/accounts?cursor=${cursor}`)).json).toMatchObject({
      status: 400,
      errors: [{ field: 'cursor' }],
    });
    expect((await get('/v1/accounts?status=ill')).json).toMatchObject({ errors: [{ field: 'status' }] });
    expect((await get('/v1/accounts?sort=size')).json).toMatchObject({ errors: [{ field: 'sort' }] });
  });
});

describe('as CSV', () => {
  test('accounts: all of them, whatever a page holds, the same as in JSON', async () => {
    const rows = await tableOf('/v1/accounts?format=csv&sort=health');
    expect(rows.map(({ accountId }) => accountId)).toEqual(BY_HEALTH);
    expect(rows[0]).toMatchObject({ accountId: 'e-debt', status: 'insolvent', equity: '-5', ratio: '' });
    expect(rows.at(-1)).toMatchObject({ accountId: 'g-new', sequence: '1', status: '', asOf: '' });
    expect(await tableOf('/v1/accounts?format=csv&limit=2')).toHaveLength(2);
    expect(await tableOf('/v1/accounts?format=csv', 'beta')).toEqual([]);
    const answer = await get('/v1/accounts', 'alpha', { Accept: 'text/csv' });
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="accounts.csv"');
    expect(answer.headers.get('vary')).toContain('Accept');
    expect(answer.text.split('\r\n')).toHaveLength(SWEPT.length + 2);
    expect(
      (await get('/v1/accounts', 'alpha', { Accept: 'application/json, text/csv' })).json,
    ).not.toBeNull();
  });

  test('a margin: its lines add up to what the JSON says, and failures have a row', async () => {
    const { json } = await get('/v1/accounts/a-healthy/margin');
    const rows = await tableOf('/v1/accounts/a-healthy/margin?format=csv');
    for (const [column, total] of [
      ['equity', pick(json, 'equity')],
      ['initial', pick(json, 'requirement', 'initial')],
      ['maintenance', pick(json, 'requirement', 'maintenance')],
    ] as const) {
      const sum = rows.reduce((all, row) => all + wadFromDecimal(row[column]!), 0n);
      expect(sum).toBe(wadFromDecimal(String(total)));
    }
    expect(rows[0]).toMatchObject({ accountId: 'a-healthy', stale: 'false', status: pick(json, 'status') });
    tenancy.world.prices.delete('ETH-USD');
    try {
      const failed = (await tableOf('/v1/accounts/a-healthy/margin?format=csv')).filter(
        ({ failure }) => failure !== '',
      );
      expect(failed.map(({ positionId, failure }) => [positionId, failure])).toEqual([
        ['c1', 'price-missing'],
        ['p2', 'price-missing'],
      ]);
    } finally {
      tenancy.world.prices.set('ETH-USD', robustPrice('ETH-USD', '3000'));
    }
    expect((await get('/v1/accounts/a-healthy/margin?format=csv', 'beta')).status).toBe(404);
  });

  test('prices: every stored one of a span, or the last of each step', async () => {
    const span = `from=${NOW_MS / 1000 - 2600}&to=${NOW_MS / 1000}`;
    const rows = await tableOf(`/v1/prices/BTC-USD/history?format=csv&${span}`);
    expect(rows).toHaveLength(1300);
    expect(rows[0]).toEqual({
      feed: 'BTC-USD',
      asOf: new Date(NOW_MS - 2_600_000).toISOString(),
      price: '60000',
      confidence: '30',
      usableOpen: 'true',
      usableMargin: 'true',
      usableLiquidate: 'true',
    });
    expect(rows.map(({ price }) => Number(price))).toEqual(rows.map((_, k) => 60_000 + k));
    const minutes = await tableOf(`/v1/prices/BTC-USD/history?format=csv&step=60&${span}`);
    // 2,600 s before 15:00:00 is 14:16:40: the rest of that minute, 43 whole ones; each ends 2 s before the next.
    expect(minutes.map(({ asOf }) => asOf!.slice(17, 19))).toEqual(minutes.map(() => '58'));
    expect(minutes).toHaveLength(44);
  });

  test('the audit log: every entry with its hashes, details as JSON', async () => {
    const frozen = { reason: '=cmd|calc, "now"' };
    const freeze = jsonRequest('POST', frozen, headers.get('alpha'));
    expect((await ask('/v1/markets/BTC-PERP/freeze', freeze)).status).toBe(200);
    const { json } = await get('/v1/audit');
    const rows = await tableOf('/v1/audit?format=csv');
    const entries = pick(json, 'entries') as { hash: string; details: object }[];
    expect(rows.map(({ hash }) => hash)).toEqual(entries.map(({ hash }) => hash));
    expect(rows.map(({ details }) => JSON.parse(details!))).toEqual(entries.map(({ details }) => details));
    expect(rows.at(-1)).toMatchObject({ action: 'market.freeze' });
    expect(
      (await tableOf('/v1/audit?format=csv', 'beta')).every(({ action }) => action === 'key.create'),
    ).toBe(true);
  });
});

describe('the history of a price', () => {
  test('is read page by page, oldest first, and of the last hour when nothing is asked', async () => {
    const prices: string[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { json } = await get(`/v1/prices/BTC-USD/history?limit=600&from=0${more}`);
      prices.push(...(pick(json, 'prices') as { price: string }[]).map(({ price }) => price));
      cursor = pick(json, 'nextCursor') as string | null;
    } while (cursor !== null);
    expect(prices).toEqual(Array.from({ length: 1300 }, (_, k) => String(60_000 + k)));
    const hour = (await get('/v1/prices/BTC-USD/history?step=600')).json;
    expect(pick(hour, 'prices') as object[]).toHaveLength(5);
    expect((await get('/v1/prices/DOGE-USD/history')).status).toBe(404);
    expect((await get('/v1/prices/BTC-USD/history?step=0')).json).toMatchObject({
      errors: [{ field: 'step' }],
    });
    expect((await get('/v1/prices/BTC-USD/history?from=5&to=4')).json).toMatchObject({
      errors: [{ field: 'to' }],
    });
    const without = await asker(createWorld())('/v1/prices/BTC-USD/history');
    expect(without.json).toMatchObject({ type: '/errors/no-stored-price' });
  });
});

describe('an export', () => {
  test('breaks off where it cannot go on, and never passes for the whole', async () => {
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        accounts: {
          ...ports.accounts,
          list: async (_, { after, limit }) => {
            if (after !== null) throw new Error('the database went away');
            const row = { sequence: 1n, positionCount: 0, updatedAtMs: 0, rank: null, health: null };
            return Array.from({ length: limit }, (_, k) => ({ accountId: `a${k}`, ...row }));
          },
        },
      }),
    });
    const response = await world.app.request('/v1/accounts?format=csv');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('the database went away');
  });

  test('counts as 20 requests, as everything that reads a lot', async () => {
    const rateLimiter = inMemoryRateLimiter({ limit: 50, windowSeconds: 60, nowMs: () => 0 });
    const world = createWorld({ rateLimiter });
    const statuses = [];
    for (let k = 0; k < 4; k += 1) statuses.push((await world.app.request('/v1/accounts?format=csv')).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await world.app.request('/v1/accounts')).status).toBe(200);
  });
});
