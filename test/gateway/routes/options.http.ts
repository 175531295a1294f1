import { describe, expect, test } from 'vitest';
import type { CapacityDto } from '../../../gateway/schemas/capacity.ts';
import type { LiquidationPlanDto } from '../../../gateway/schemas/liquidation-plan.ts';
import type { MarginDto } from '../../../gateway/schemas/margin.ts';
import type { StressDto } from '../../../gateway/schemas/stress.ts';
import type { FactorHistory } from '../../../risk/market/factor-history.ts';
import { blackPrice } from '../../../risk/pricing/black76.ts';
import { wadFromDecimal, wadToDecimal } from '../../../risk/units/wad.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { createWorld, jsonRequest, type World, type WorldOptions } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { FAR, gridExpiry, NEAR, OPTION_BOOK, push, sviExpiry } from '../support/surface.ts';
import { withBook } from '../support/with-book.ts';

const SCENARIO = 'module=scenario@2.0.0';
const TAU = (Date.parse(NEAR) - NOW_MS) / 1000 / 31_536_000;

/** Joint returns every eight hours, of the size that was forecast. */
function history(rows = 400): FactorHistory {
  const one = (i: number) => ({
    tsMs: NOW_MS - (rows - i) * 8 * 3_600_000,
    returns: [0.02 * Math.sin(i * 1.7), 0.03 * Math.sin(i * 1.3)],
    volatilities: [0.02, 0.03],
  });
  const all = Array.from({ length: rows }, (_, i) => one(i));
  return { assets: ['BTC', 'ETH'], horizonHours: 24, asOfMs: NOW_MS, rows: all, stressed: all.slice(0, 100) };
}

async function venue(options: WorldOptions = {}, expiries = [gridExpiry(NEAR), sviExpiry(FAR)]) {
  const world: World = createWorld(options);
  const ask = await withBook(world, OPTION_BOOK);
  const pushed = await ask('/v1/markets/BTC-OPTIONS/data', jsonRequest('PUT', push(expiries)));
  expect(pushed.status).toBe(200);
  return { world, ask };
}

const about = async <T>(ask: Ask, path: string) => {
  const { status, json } = await ask(`/v1/accounts/alice/${path}`);
  expect(status, path).toBe(200);
  return json as T;
};
const sum = (values: readonly string[]) => values.reduce((total, text) => total + wadFromDecimal(text), 0n);
const call = (strike: number, volatility = 0.6) => blackPrice(60_000, strike, TAU, volatility, 1, true);

describe('a book with options, a future and a loan over HTTP', () => {
  test('is read back with what each instrument is', async () => {
    const { ask } = await venue();
    const { json } = await ask('/v1/accounts/alice/positions');
    expect(pick(json, 'positions')).toMatchObject([
      { market: 'BTC-20260327-70000-C', underlying: 'BTC', strike: '70000', type: 'call', size: '-1' },
      { market: 'BTC-20260327-50000-P', expiry: '2026-03-27T08:00:00.000Z', strike: '50000', type: 'put' },
      { kind: 'perp' },
      { kind: 'future', market: 'BTC-20260327', entryPrice: '60500' },
      { kind: 'collateral' },
      { kind: 'loan', market: 'ETH-SPOT', amount: '1' },
    ]);
  });

  test.each([
    ['standard@1.0.0', {}],
    ['scenario@1.0.0', {}],
    ['scenario@2.0.0', {}],
    ['tail@1.0.0', { history: history() }],
  ])('%s: lines and chains add up to the digit', async (module, options) => {
    const { ask } = await venue(options);
    const margin = await about<MarginDto>(ask, `margin?module=${module}`);
    expect(margin).toMatchObject({ failures: [], stale: false, status: 'healthy' });
    expect(`${margin.moduleId}@${margin.moduleVersion}`).toBe(module);
    for (const part of [margin.lines, margin.chains]) {
      expect(sum(part.map(({ equity }) => equity))).toBe(wadFromDecimal(margin.equity));
      expect(sum(part.map(({ initial }) => initial))).toBe(wadFromDecimal(margin.requirement.initial));
      expect(sum(part.map(({ maintenance }) => maintenance))).toBe(
        wadFromDecimal(margin.requirement.maintenance),
      );
    }
    expect(margin.chains.map(({ chain }) => chain).sort()).toEqual(expect.arrayContaining(['hub', 'l2']));
    expect(margin.venueData).toMatchObject([{ market: 'BTC-OPTIONS', sequence: 1, stale: false }]);
    // Put-call parity gives the put at a rate of 0; perp and future are at their marks.
    const put = call(50_000) - 10_000;
    const expected = 50_000 - call(70_000) + 2 * put + 0.1 * 500 + 2 * 3000;
    expect(Number(margin.equity)).toBeCloseTo(expected, 6);
  });

  test('scenario: Greeks per position and per asset, and the scenario that decides', async () => {
    const { ask } = await venue();
    const margin = await about<MarginDto>(ask, `margin?${SCENARIO}`);
    const of = (id: string) => margin.sensitivities.find(({ positionId }) => positionId === id)!;
    const bump = (call(70_000, 0.61) - call(70_000, 0.59)) / 2;
    expect(of('call').greeks?.vega).toBeCloseTo(-bump, 2);
    expect(of('call').greeks?.theta).toBeGreaterThan(0);
    expect(of('put').delta).toBeLessThan(0);
    expect(of('perp')).toMatchObject({ delta: 0.3, greeks: null });
    const btc = margin.exposures.find(({ asset }) => asset === 'BTC')!;
    const own = margin.sensitivities.filter(({ asset }) => asset === 'BTC');
    expect(btc.delta).toBeCloseTo(
      own.reduce((total, { delta }) => total + delta, 0),
      12,
    );
    expect(btc.gamma).toBeCloseTo((of('call').greeks?.gamma ?? 0) + (of('put').greeks?.gamma ?? 0), 12);
    const worst = margin.worstScenarios.find(({ asset }) => asset === 'BTC')!;
    expect(worst.scenario).toMatch(/^(spot x|forward-loss)/);
    expect(Number(worst.loss)).toBeGreaterThan(0);
  });

  test('simulate: a hedge lowers the requirement; nothing is stored', async () => {
    const { ask } = await venue();
    const hedge = { kind: 'option', id: 'hedge', market: 'BTC-20260327-75000-C', size: '1' };
    const body = { simulations: [{ label: 'hedge', set: [hedge] }, { remove: ['call'] }] };
    const { json } = await ask(`/v1/accounts/alice/margin/simulate?${SCENARIO}`, jsonRequest('POST', body));
    const initial = (...path: (string | number)[]) => Number(pick(json, ...path, 'requirement', 'initial'));
    expect(pick(json, 'current', 'moduleId')).toBe('scenario');
    expect(initial('simulations', 0, 'margin')).toBeLessThan(initial('current'));
    const alone = await ask(`/v1/margin/simulate?${SCENARIO}`, jsonRequest('POST', OPTION_BOOK));
    expect(pick(alone.json, 'requirement', 'initial')).toBe(pick(json, 'current', 'requirement', 'initial'));
    expect(pick((await ask('/v1/accounts/alice/positions')).json, 'positions')).toHaveLength(6);
  });

  test.each(['buy', 'sell'] as const)(
    'capacity: the largest %s of an option is covered, more is not',
    async (side) => {
      const { ask } = await venue();
      const market = 'BTC-20260327-60000-C';
      const capacity = await about<CapacityDto>(ask, `capacity?market=${market}&side=${side}&${SCENARIO}`);
      const [order] = capacity.orders;
      expect(order).toMatchObject({ market, asset: 'BTC', side, reasons: [] });
      expect(Number(order!.price)).toBeCloseTo(call(60_000), 6);
      const size = wadFromDecimal(order!.size);
      const netAfter = async (amount: bigint) => {
        const signed = side === 'buy' ? amount : -amount;
        const premium = (signed * wadFromDecimal(order!.price!)) / 10n ** 18n;
        const change = {
          cashChange: wadToDecimal(-premium - 1n),
          set: [{ kind: 'option', id: 'order', market, size: wadToDecimal(signed) }],
        };
        const path = `/v1/accounts/alice/margin/simulate?${SCENARIO}`;
        const { json } = await ask(path, jsonRequest('POST', { simulations: [change] }));
        return Number(pick(json, 'simulations', 0, 'margin', 'net', 'initial'));
      };
      expect(await netAfter(size)).toBeGreaterThanOrEqual(-1e-9);
      expect(await netAfter(size + size / 10_000n)).toBeLessThan(0);
    },
  );

  test('stress: volatility counts, and the grid has rows that differ', async () => {
    const { ask } = await venue();
    const { grid, scenarios, reverse } = await about<StressDto>(ask, `stress?${SCENARIO}`);
    const at = grid.spotMoves.indexOf(0);
    const still = grid.cells.map((row) => row[at]!.equity);
    expect(new Set(still).size).toBe(4);
    expect(scenarios.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['chain-lost-hub', 'chain-lost-l2']),
    );
    expect(reverse).not.toBeNull();
  });

  test('liquidation price and plan, under every module', async () => {
    const { ask } = await venue({ history: history() });
    for (const module of ['standard@1.0.0', 'scenario@2.0.0', 'tail@1.0.0']) {
      const prices = await about(ask, `liquidation-price?module=${module}`);
      expect(prices).toMatchObject({ breached: false, failures: [] });
      const up = (pick(prices, 'assets') as { asset: string; up: { multiplier: number } | null }[]).find(
        ({ asset }) => asset === 'BTC',
      )?.up;
      expect(up?.multiplier, module).toBeGreaterThan(1);
      expect(await about(ask, `liquidation-plan?module=${module}`)).toMatchObject({
        plan: { reached: true, closes: [], auction: null },
      });
    }
  });

  test('a plan closes options too, at their marks, as far as needed', async () => {
    const { ask } = await venue();
    const { net } = await about<MarginDto>(ask, `margin?${SCENARIO}`);
    const more = wadToDecimal(wadFromDecimal(net.initial) + wadFromDecimal('200'));
    const path = `liquidation-plan?target=${more}&costRate=0&${SCENARIO}`;
    const { plan } = await about<LiquidationPlanDto>(ask, path);
    expect(plan).toMatchObject({ reached: true, auction: null });
    expect(wadFromDecimal(plan!.after.net.initial)).toBeGreaterThanOrEqual(wadFromDecimal(more));
    const all = await about<LiquidationPlanDto>(
      ask,
      `liquidation-plan?target=1000000&costRate=0&${SCENARIO}`,
    );
    expect(all.plan?.reached).toBe(false);
    const close = all.plan?.closes.find(({ positionId }) => positionId === 'call');
    expect(close).toMatchObject({ market: 'BTC-20260327-70000-C', size: '1', cost: '0' });
    expect(Number(close!.price)).toBeCloseTo(call(70_000), 6);
    expect(wadFromDecimal(all.plan!.after.equity)).toBeLessThanOrEqual(
      wadFromDecimal(all.current.equity) + 10n,
    );
  });

  test('predicted margin runs under the module asked for, and says how many paths', async () => {
    const { ask } = await venue({ history: history() });
    expect(await about(ask, `margin/predicted?${SCENARIO}`)).toMatchObject({
      moduleId: 'scenario',
      paths: 64,
    });
    expect(await about(ask, 'margin/predicted?module=tail@1.0.0')).toMatchObject({
      moduleId: 'tail',
      paths: 128,
      steps: 6,
    });
  });
});

describe('what is not there is never made up', () => {
  const failures = (json: unknown) =>
    (pick(json, 'failures') as { positionId: string; reason: { code: string; message: string } }[]).map(
      ({ positionId, reason }) => `${positionId} ${reason.code}`,
    );

  test('old data are not served as new: options fail with a reason, the rest stands', async () => {
    const { world, ask } = await venue();
    world.nowMs += 301_000;
    const { json } = await ask('/v1/accounts/alice/margin');
    expect(json).toMatchObject({
      status: 'unknown',
      stale: true,
      venueData: [{ market: 'BTC-OPTIONS', ageSeconds: 301, stale: true }],
    });
    expect(
      failures(json)
        .filter((failure) => !failure.startsWith('future'))
        .sort(),
    ).toEqual(['call option-data-stale', 'put option-data-stale']);
    expect((pick(json, 'reasons') as { code: string }[]).map(({ code }) => code)).toContain(
      'venue-data-stale',
    );
    const capacity = await ask('/v1/accounts/alice/capacity');
    expect(capacity.json).toMatchObject({ freeCollateral: '0' });
    expect((await ask('/v1/accounts/alice/liquidation-price')).json).toMatchObject({ assets: null });
  });

  test('an expiry that the venue does not tell about fails alone', async () => {
    const { ask } = await venue();
    const set = [{ kind: 'option', id: 'other', market: 'BTC-20260626-60000-C', size: '1' }];
    const { json } = await ask(
      '/v1/accounts/alice/margin/simulate',
      jsonRequest('POST', { simulations: [{ set }] }),
    );
    expect(failures(pick(json, 'simulations', 0, 'margin'))).toEqual(['other option-data-missing']);
  });

  test('an expired option is kept, and fails with its reason', async () => {
    const { ask } = await venue();
    const positions = [{ kind: 'option', id: 'old', market: 'BTC-20260313-60000-C', size: '1' }];
    const { json } = await ask('/v1/margin/simulate', jsonRequest('POST', { cash: '1', positions }));
    expect(failures(json)).toEqual(['old option-expired']);
  });

  test('tail without a history, or with too short a one, is unknown', async () => {
    const { ask } = await venue();
    const none = await ask('/v1/accounts/alice/margin?module=tail@1.0.0');
    expect(none.json).toMatchObject({ status: 'unknown', history: null });
    expect(failures(none.json)).toContain('perp history-missing');
    const short = await venue({ history: history(100) });
    const { json } = await short.ask('/v1/accounts/alice/margin?module=tail@1.0.0');
    expect(json).toMatchObject({ status: 'unknown', history: { rows: 100, horizonHours: 24 } });
    expect(failures(json)).toContain('perp history-short');
  });

  test('tail simulates from the history, and says from how much', async () => {
    const { ask } = await venue({ history: history() });
    expect((await ask('/v1/accounts/alice/margin?module=tail@1.0.0')).json).toMatchObject({
      status: 'healthy',
      history: { rows: 400, stressedRows: 100, horizonHours: 24, asOf: '2026-03-14T15:00:00.000Z' },
    });
  });
});

const future = { kind: 'future', id: 'f', market: 'BTC-20260327', size: '1', entryPrice: '60000' };
const loan = { kind: 'loan', id: 'l', market: 'ETH-SPOT', amount: '1' };
const option = (change: object) => ({
  cash: '0',
  positions: [{ kind: 'option', id: 'o', market: 'BTC-20260327-60000-C', size: '1', ...change }],
});
const told = (change: object) =>
  option({ market: undefined, underlying: 'BTC', expiry: NEAR, strike: '60000', type: 'call', ...change });

describe('bad options', () => {
  test.each([
    ['an asset without options', option({ market: 'DOGE-20260327-60000-C' }), 'market'],
    ['a name that is none', option({ market: 'BTC-27MAR26-60000-C' }), 'market'],
    ['a strike with a zero before it', option({ market: 'BTC-20260327-060000-C' }), 'market'],
    ['a strike of zero', option({ market: 'BTC-20260327-0-C' }), 'market'],
    ['a day that is not', option({ market: 'BTC-20260230-60000-C' }), 'market'],
    ['a size of zero', option({ size: '0' }), 'size'],
    ['a size of NaN', option({ size: 'NaN' }), 'size'],
    ['a size of more than 10^30', option({ size: `1${'0'.repeat(30)}1` }), 'size'],
    ['an entry price', option({ entryPrice: '100' }), 'entryPrice'],
    ['a name and a strike', option({ strike: '60000' }), 'strike'],
    ['neither name nor type', told({ type: undefined }), 'type'],
    ['a type of its own', told({ type: 'straddle' }), 'type'],
    ['a negative strike', told({ strike: '-60000' }), 'strike'],
    ['a strike that is a number', told({ strike: 60000 }), 'strike'],
    ['another hour', told({ expiry: '2026-03-27T09:00:00Z' }), 'expiry'],
    ['a future by another name', { cash: '0', positions: [{ ...future, market: 'BTC-PERP' }] }, 'market'],
    ['a future without an entry', { cash: '0', positions: [{ ...future, entryPrice: '0' }] }, 'entryPrice'],
    ['a loan of a perp', { cash: '0', positions: [{ ...loan, market: 'BTC-PERP' }] }, 'market'],
    ['a loan of less than nothing', { cash: '0', positions: [{ ...loan, amount: '-1' }] }, 'amount'],
  ])('%s is refused and the field named', async (_, body, field) => {
    const { json } = await asker(createWorld())('/v1/margin/simulate', jsonRequest('POST', body));
    expect(json).toMatchObject({ status: 400, type: '/errors/invalid-input' });
    expect((pick(json, 'errors') as { field: string }[]).map((error) => error.field)).toContain(
      `positions[0].${field}`,
    );
  });

  test('a size of 10^30 is a margin, not a failure of ours', async () => {
    const { ask } = await venue();
    const body = option({ size: `-1${'0'.repeat(29)}` });
    const { status, json } = await ask(`/v1/margin/simulate?${SCENARIO}`, jsonRequest('POST', body));
    expect([status, pick(json, 'status')]).toEqual([200, 'insolvent']);
  });

  test.each(['', 'scenario', 'scenario@2', 'nothing@1.0.0', 'scenario@9.9.9'])(
    'a module that is not there (%s) is refused',
    async (module) => {
      const { ask } = await venue();
      for (const what of ['margin', 'capacity', 'stress', 'liquidation-price', 'liquidation-plan']) {
        expect((await ask(`/v1/accounts/alice/${what}?module=${module}`)).json, what).toMatchObject({
          status: 400,
          errors: [{ field: 'module' }],
        });
      }
    },
  );
});
