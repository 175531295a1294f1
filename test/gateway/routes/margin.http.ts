import { describe, expect, test } from 'vitest';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest, type World } from '../support/gateway.ts';
import { refusedPrice, robustPrice } from '../support/market.ts';

async function withBook(world: World = createWorld(), book: object = BOOK): Promise<Ask> {
  const ask = asker(world);
  const stored = await ask('/v1/accounts/alice/positions', jsonRequest('PUT', { sequence: 1, ...book }));
  expect(stored.status).toBe(200);
  return ask;
}

const sum = (lines: unknown, field: string) =>
  (lines as Record<string, string>[]).reduce((total, line) => total + wadFromDecimal(line[field]!), 0n);

describe('GET /v1/accounts/{id}/margin', () => {
  test('gives equity, requirements and the envelope', async () => {
    const ask = await withBook();
    const { status, json } = await ask('/v1/accounts/alice/margin');
    expect(status).toBe(200);
    // 1,000 cash + 1 x (60,000 - 58,000) - 2 x (3,000 - 3,100) + 12.5 funding + 10 ETH x 3,000
    expect(json).toMatchObject({
      accountId: 'alice',
      sequence: 1,
      status: 'healthy',
      equity: '33212.5',
      stale: false,
      reasons: [],
      failures: [],
      asOf: '2026-03-14T15:00:00.000Z',
      validUntil: '2026-03-14T15:00:10.000Z',
      modelVersion: 'logHAR@1',
      moduleId: 'standard',
      moduleVersion: '1.0.0',
      prices: [
        {
          feed: 'BTC-USD',
          price: '60000',
          confidence: '30',
          ageSeconds: 2,
          publishTime: '2026-03-14T14:59:58.000Z',
        },
        { feed: 'ETH-USD', price: '3000' },
      ],
    });
    expect(pick(json, 'parametersHash')).toMatch(/^0x[0-9a-f]{64}$/);
  });

  test('lines and chains add up to the totals exactly', async () => {
    const { json } = await (await withBook())('/v1/accounts/alice/margin');
    for (const part of ['lines', 'chains']) {
      expect(sum(pick(json, part), 'equity')).toBe(wadFromDecimal(String(pick(json, 'equity'))));
      for (const kind of ['initial', 'maintenance']) {
        const total = wadFromDecimal(String(pick(json, 'requirement', kind)));
        expect(sum(pick(json, part), kind)).toBe(total);
        const net = wadFromDecimal(String(pick(json, 'net', kind)));
        expect(net).toBe(wadFromDecimal(String(pick(json, 'equity'))) - total);
      }
    }
    expect((pick(json, 'chains') as { chain: unknown }[]).map((c) => c.chain)).toEqual([null, 'hub', 'l2']);
  });

  test('every position has its delta and what a move of its price does to the requirements', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    const { json } = await ask('/v1/accounts/alice/margin');
    const sensitivities = pick(json, 'sensitivities') as Record<string, number | string>[];
    expect(sensitivities.map(({ positionId, asset, delta }) => [positionId, asset, delta])).toEqual([
      ['p1', 'BTC', 1],
      ['p2', 'ETH', -2],
      ['c1', 'ETH', 10],
    ]);
    // A move of one dollar of BTC, recalculated: both requirements change by their slopes.
    const { market } = world.prices.get('BTC-USD')!;
    const up = robustPrice('BTC-USD', '60001');
    const { confidenceWad } = market!;
    world.prices.set('BTC-USD', { ...up, market: { ...up.market!, confidenceWad } });
    const { json: moved } = await ask('/v1/accounts/alice/margin');
    for (const [kind, slope] of [
      ['initial', 'initialSlope'],
      ['maintenance', 'maintenanceSlope'],
    ] as const) {
      const change = Number(pick(moved, 'requirement', kind)) - Number(pick(json, 'requirement', kind));
      expect(change, kind).toBeGreaterThan(0);
      expect(Number(sensitivities[0]![slope])).toBeCloseTo(change, 6);
    }
  });

  test('a refused price makes the answer stale and fails its position only', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    const { status, json } = await ask('/v1/accounts/alice/margin');
    expect(status).toBe(200);
    expect(json).toMatchObject({ stale: true, failures: [{ positionId: 'p1' }] });
    const codes = (pick(json, 'reasons') as { code: string; subject?: string }[]).map(
      (r) => `${r.code} ${r.subject}`,
    );
    expect(codes).toContain('price-refused BTC-USD');
    expect(pick(json, 'prices', 1)).toMatchObject({
      feed: 'ETH-USD',
      verdicts: { margin: { usable: true } },
    });
  });

  test('a price that is missing altogether is named', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.prices.delete('ETH-USD');
    const { json } = await ask('/v1/accounts/alice/margin');
    expect(json).toMatchObject({ stale: true, reasons: [{ code: 'price-missing', subject: 'ETH-USD' }] });
  });

  test('prices that nobody renewed make the answer stale although it was made just now', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.nowMs += 11_000;
    world.prices.set('ETH-USD', robustPrice('ETH-USD', '3000', world.nowMs));
    const { json } = await ask('/v1/accounts/alice/margin');
    expect(json).toMatchObject({ stale: true, reasons: [{ code: 'price-expired', subject: 'BTC-USD' }] });
  });

  test('an answer past validUntil says so', async () => {
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        margin: {
          ...ports.margin,
          simulate: async (protocol, portfolio, module) => ({
            ...(await ports.margin.simulate(protocol, portfolio, module)),
            validUntilMs: ports.clock.nowMs() - 1,
          }),
        },
      }),
    });
    const { json } = await asker(world)('/v1/margin/simulate', jsonRequest('POST', BOOK));
    expect(json).toMatchObject({ stale: true, reasons: [{ code: 'answer-expired' }] });
  });

  test('an unknown account is 404', async () => {
    expect((await asker(createWorld())('/v1/accounts/nobody/margin')).status).toBe(404);
  });
});

describe('GET /v1/accounts/{id}/margin/predicted', () => {
  test('gives requirements ahead beside those of now', async () => {
    const ask = await withBook();
    const { status, json } = await ask('/v1/accounts/alice/margin/predicted?horizon=4h&quantile=0.99');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      horizonHours: 4,
      quantile: 0.99,
      current: { equity: '33212.5' },
      stale: false,
    });
    expect(wadFromDecimal(String(pick(json, 'maintenanceRequirement', 'quantile')))).toBeGreaterThan(
      wadFromDecimal(String(pick(json, 'maintenanceRequirement', 'mean'))),
    );
    expect(pick(json, 'breachProbability')).toBe(0);
  });

  test('an account at the brink is likely to breach', async () => {
    const brink = {
      cash: '4900',
      positions: [{ kind: 'perp', id: 'p', market: 'BTC-PERP', size: '1', entryPrice: '60000' }],
    };
    const { json } = await (await withBook(createWorld(), brink))('/v1/accounts/alice/margin/predicted');
    expect(Number(pick(json, 'breachProbability'))).toBeGreaterThan(0.3);
  });

  test('defaults are 24h and 0.95; without a forecast it is 503', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    expect((await ask('/v1/accounts/alice/margin/predicted')).json).toMatchObject({
      horizonHours: 24,
      quantile: 0.95,
    });
    world.forecasts.clear();
    expect((await ask('/v1/accounts/alice/margin/predicted')).json).toMatchObject({
      status: 503,
      type: '/errors/forecast-unavailable',
    });
  });

  test.each([
    ['horizon=0h', 'horizon'],
    ['horizon=169h', 'horizon'],
    ['horizon=24', 'horizon'],
    ['quantile=1', 'quantile'],
    ['quantile=0', 'quantile'],
    ['quantile=0.0', 'quantile'],
    ['quantile=NaN', 'quantile'],
    ['quantile=95%25', 'quantile'],
  ])('refuses %s', async (query, field) => {
    const { json } = await (await withBook())(`/v1/accounts/alice/margin/predicted?${query}`);
    expect(json).toMatchObject({ status: 400, errors: [{ field }] });
  });
});

describe('POST /v1/margin/simulate', () => {
  test('gives the margin of the stored book for the same book, and stores nothing', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    const { json: stored } = await ask('/v1/accounts/alice/margin');
    const { status, json } = await ask('/v1/margin/simulate', jsonRequest('POST', BOOK));
    expect(status).toBe(200);
    expect(json).toEqual({ ...(stored as object), accountId: null, sequence: null });
    expect(world.accounts.stored.size).toBe(1);
  });

  test('an empty book has no requirement', async () => {
    const { json } = await asker(createWorld())(
      '/v1/margin/simulate',
      jsonRequest('POST', { cash: '12', positions: [] }),
    );
    expect(json).toMatchObject({
      equity: '12',
      requirement: { initial: '0', maintenance: '0' },
      prices: [],
      modelVersion: null,
    });
  });
});
