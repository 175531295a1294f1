import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putPositions } from '../../../db/queries/put-positions.ts';
import type { PastMargin } from '../../../gateway/app/ports.ts';
import { Listing } from '../../../gateway/engine/instruments.ts';
import {
  DIFFERENCE_STEPS,
  differenceSteps,
  type Mixture,
  positionChanges,
} from '../../../gateway/engine/margin-difference.ts';
import { pastMargin } from '../../../gateway/engine/past-margin.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import type { MarginResult } from '../../../risk/modules/module.ts';
import { wadFromDecimal, wadToDecimal } from '../../../risk/units/wad.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { asker, pick } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { forecastOf, MARKETS, NOW_MS, robustPrice, SERIES } from '../support/market.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function resultOf(equityWad: bigint, initialWad: bigint, maintenanceWad: bigint): MarginResult {
  return {
    equityWad,
    initialRequirementWad: initialWad,
    maintenanceRequirementWad: maintenanceWad,
    netInitialWad: equityWad - initialWad,
    netMaintenanceWad: equityWad - maintenanceWad,
    status: 'healthy',
    lines: [],
    buffers: [],
    sensitivities: [],
    failures: [],
    reasons: [],
  };
}

describe('the substitution', () => {
  test('moves one part at a time, in the stated order, and its parts add up to the whole whatever the amounts', () => {
    const wad = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    fc.assert(
      fc.property(fc.array(fc.tuple(wad, wad, wad), { minLength: 5, maxLength: 5 }), (amounts) => {
        const asked: Mixture[] = [];
        const { from, to, steps } = differenceSteps((mixture) => {
          asked.push(mixture);
          return resultOf(...amounts[asked.length - 1]!);
        });
        const moved = asked.map((mixture) => DIFFERENCE_STEPS.map((step) => mixture[step]).join());
        expect(moved).toEqual([
          'from,from,from,from',
          'to,from,from,from',
          'to,to,from,from',
          'to,to,to,from',
          'to,to,to,to',
        ]);
        const sum = (of: 'equityWad' | 'initialWad' | 'maintenanceWad') =>
          steps.reduce((total, step) => total + step[of], 0n);
        expect(sum('equityWad')).toBe(to.equityWad - from.equityWad);
        expect(sum('initialWad')).toBe(to.initialRequirementWad - from.initialRequirementWad);
        expect(sum('maintenanceWad')).toBe(to.maintenanceRequirementWad - from.maintenanceRequirementWad);
      }),
    );
  });

  test('by position, names what was opened and what was closed', () => {
    const line = (positionId: string | null, equityWad: bigint) => ({
      positionId,
      chain: null,
      term: 't',
      equityWad,
      initialWad: 2n * equityWad,
      maintenanceWad: equityWad,
    });
    const from = { ...resultOf(0n, 0n, 0n), lines: [line(null, 5n), line('closed', 7n), line('held', 1n)] };
    const to = { ...resultOf(0n, 0n, 0n), lines: [line('held', 3n), line('held', 1n), line('opened', -2n)] };
    const changes = positionChanges(from, to).map(({ positionId, equityWad, initialWad }) => [
      positionId,
      equityWad,
      initialWad,
    ]);
    expect(changes).toEqual([
      [null, -5n, -10n],
      ['closed', -7n, -14n],
      ['held', 3n, 6n],
      ['opened', -2n, -4n],
    ]);
  });
});

describe('between two moments', () => {
  let postgres: TestPostgres;
  let past: PastMargin;
  const EARLY = NOW_MS + 30 * MINUTE;
  const LATE = EARLY + DAY;
  const raised = pinnedModel('standard', '1.0.0', { perp: { initial: 0.13, maintenance: 0.1 } });
  const own = pinnedModel('standard', '1.0.0', {});
  beforeAll(async () => {
    postgres = await startTestPostgres();
    const database = await postgres.openMigrated();
    const perp = (size: string) => ({
      kind: 'perp' as const,
      id: 'p',
      market: 'BTC-PERP',
      sizeWad: wadFromDecimal(size),
      entryPriceWad: wadFromDecimal('50000'),
      unsettledFundingWad: 0n,
      chain: null,
    });
    const put = (sequence: bigint, size: string, marketTimeMs: number) =>
      putPositions(database, {
        protocol: 'local',
        account: 'alice',
        sequence,
        cashWad: wadFromDecimal('20000'),
        positions: [perp(size)],
        marketTimeMs,
      });
    await put(1n, '1', NOW_MS);
    await put(2n, '2', NOW_MS + 12 * 60 * MINUTE);
    past = pastMargin({
      database,
      requireSettled: async () => undefined,
      // 50,000, and 52,000 a day later.
      prices: {
        ids: () => ['BTC-USD'],
        at: async (id, atMs) => robustPrice(id, atMs < LATE ? '50000' : '52000', atMs),
      },
      // The variance ahead is four times as large a day later.
      forecasts: {
        assets: () => ['BTC'],
        at: async (asset, atMs) => {
          const forecast = forecastOf(asset, 24);
          const scale = atMs < LATE ? 1 : 4;
          const quantiles = forecast.quantiles.map((one) => ({ ...one, variance: one.variance * scale }));
          return [{ ...forecast, asOfMs: atMs, meanVariance: forecast.meanVariance * scale, quantiles }];
        },
      },
      pinned: async (_, atMs) => (atMs < LATE ? own : raised),
      isCurrent: () => true,
      service: {
        configuration: { listing: new Listing(MARKETS, SERIES), model: () => own },
        validForMs: 10_000,
      },
    });
  });
  afterAll(() => postgres.stop());

  test('every part is what it alone changed, and all of them are the change, exactly', async () => {
    const { from, to, steps } = await past.difference('local', 'alice', { fromMs: EARLY, toMs: LATE }, null);
    const at = {
      from: await past.at('local', 'alice', EARLY, null),
      to: await past.at('local', 'alice', LATE, null),
    };
    expect(from.result).toEqual(at.from.result);
    expect(to.result).toEqual(at.to.result);
    expect([from.sequence, to.sequence]).toEqual([1n, 2n]);
    expect([from.asOfMs, to.asOfMs]).toEqual([EARLY, LATE]);
    expect([from.parametersHash, to.parametersHash]).toEqual([own.parametersHash, raised.parametersHash]);
    expect(steps.map(({ step, failures }) => [step, failures])).toEqual(
      DIFFERENCE_STEPS.map((step) => [step, []]),
    );
    const [positions, prices, parameters, forecast] = steps;
    // Equity 20,000 at the entry price; twice the size from 50,000 to 52,000 is 4,000.
    expect(steps.map(({ equityWad }) => wadToDecimal(equityWad))).toEqual(['0', '4000', '0', '0']);
    const before = from.result.initialRequirementWad;
    expect(positions!.initialWad).toBe(before);
    expect(prices!.initialWad).toBeGreaterThan(0n);
    expect(parameters!.initialWad).toBeGreaterThan(0n);
    expect(forecast!.initialWad).toBeGreaterThan(0n);
    const sum = steps.reduce((total, { initialWad }) => total + initialWad, 0n);
    expect(sum).toBe(to.result.initialRequirementWad - before);
  });

  test('over HTTP the parts add up to the digit, by component and by position, and other tenants see nothing', async () => {
    const world = createWorld({
      override: (ports) => ({ ...ports, margin: { ...ports.margin, difference: past.difference } }),
    });
    world.nowMs = LATE;
    const ask = asker(world);
    const between = `from=${EARLY / 1000}&to=${new Date(LATE).toISOString()}`;
    const { status, json } = await ask(`/v1/accounts/alice/margin/difference?${between}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      accountId: 'alice',
      from: { sequence: 1, stale: true, reasons: [{ code: 'past-moment' }] },
      to: { sequence: 2, equity: '24000' },
      change: { equity: '4000' },
    });
    for (const list of ['steps', 'positions']) {
      for (const field of ['equity', 'initial', 'maintenance', 'netInitial', 'netMaintenance']) {
        const rows = pick(json, list) as Record<string, string>[];
        const sum = rows.reduce((total, row) => total + wadFromDecimal(row[field]!), 0n);
        expect([list, field, wadToDecimal(sum)]).toEqual([list, field, pick(json, 'change', field)]);
      }
    }
    const refused = async (query: string) => (await ask(`/v1/accounts/alice/margin/difference${query}`)).json;
    expect(await refused(`?from=${LATE / 1000}&to=${EARLY / 1000}`)).toMatchObject({
      status: 400,
      errors: [{ field: 'to' }],
    });
    expect(await refused(`?from=0&to=${LATE / 1000 + 60}`)).toMatchObject({ errors: [{ field: 'to' }] });
    expect(await refused('?from=0')).toMatchObject({ errors: [{ field: 'to' }] });
    expect(await refused(`?from=0&to=${EARLY / 1000}`)).toMatchObject({
      status: 409,
      type: '/errors/no-stored-book',
    });
    await expect(
      past.difference('other', 'alice', { fromMs: EARLY, toMs: LATE }, null),
    ).rejects.toMatchObject({
      type: 'unknown-account',
    });
  });
});
