import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { deleteVenueHistory } from '../../../db/queries/retention.ts';
import { settle } from '../../../db/queries/settled.ts';
import { putVenueData, venueDataAt } from '../../../db/queries/venue-data.ts';
import type { PastMargin } from '../../../gateway/app/ports.ts';
import { Listing } from '../../../gateway/engine/instruments.ts';
import { pastMargin } from '../../../gateway/engine/past-margin.ts';
import { settledMoments } from '../../../gateway/engine/settled-moments.ts';
import { keptOf, type VenueData } from '../../../gateway/engine/venue-data.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { wadFromDecimal as wad, wadToDecimal } from '../../../risk/units/wad.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { MARKETS, NOW_MS, robustPrice, SERIES } from '../support/market.ts';

const MINUTE = 60_000;
const MODEL = pinnedModel('standard', '1.2.0', {});
const NOTHING: VenueData = {
  expiries: null,
  fundingRate: null,
  openInterestWad: null,
  depth: null,
  settlementWad: null,
};
const EXPIRY = Date.UTC(2026, 2, 14, 8);

let postgres: TestPostgres;
let database: Database;
let past: PastMargin;
const say = (market: string, sequence: bigint, minutes: number, data: Partial<VenueData>) => {
  const entry = {
    protocol: 'venue',
    market,
    sequence,
    asOfMs: NOW_MS + minutes * MINUTE,
    maxAgeMs: 600_000,
    data: { ...NOTHING, ...data },
  };
  return putVenueData(database, entry, NOW_MS, keptOf(entry.data));
};
const settledTo = (minutes: number) =>
  settle(database, async () => ({ atMs: NOW_MS + minutes * MINUTE, store: async () => null }));
const rate = (fundingRate: number) => ({ fundingRate, fundingSettledAtMs: NOW_MS - 4 * 60 * MINUTE });

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
  await putPositions(database, {
    protocol: 'venue',
    account: 'alice',
    sequence: 1n,
    cashWad: wad('20000'),
    positions: [
      {
        kind: 'perp',
        id: 'p',
        market: 'BTC-PERP',
        sizeWad: wad('2'),
        entryPriceWad: wad('60000'),
        unsettledFundingWad: 0n,
        chain: null,
      },
      { kind: 'option', id: 'o', market: 'BTC-20260314-50000-C', sizeWad: wad('1'), chain: null },
    ],
    marketTimeMs: NOW_MS,
  });
  await say('BTC-PERP', 1n, 10, rate(0.0001));
  await say('BTC-OPTIONS', 1n, 10, { expiries: [] });
  await say('BTC-OPTIONS', 2n, 20, { settlements: [{ expiryMs: EXPIRY, priceWad: wad('61000') }] });
  await say('BTC-PERP', 2n, 30, rate(-0.0001));
  await say('BTC-PERP', 3n, 40, { openInterestWad: 1n });
  await say('BTC-PERP', 4n, 41, { openInterestWad: 2n });
  await settledTo(60);
  past = pastMargin({
    database,
    prices: { ids: () => ['BTC-USD'], at: async (id, atMs) => robustPrice(id, '60000', atMs) },
    forecasts: { assets: () => [], at: async () => [] },
    requireSettled: settledMoments(database),
    isCurrent: () => true,
    service: {
      configuration: { listing: new Listing(MARKETS, SERIES), model: () => MODEL },
      validForMs: 10_000,
    },
  });
});
afterAll(() => postgres.stop());

const at = async (minutes: number) => {
  const answer = await past.at('venue', 'alice', NOW_MS + minutes * MINUTE, null);
  const of = (term: string) =>
    answer.result.lines.filter((each) => each.term === term).map(({ equityWad }) => wadToDecimal(equityWad));
  return { ...answer, of };
};

test('a past margin has the funding and the settlement price that counted then', async () => {
  expect((await at(5)).of('funding-accrued')).toEqual([]);
  // 2 x 60,000 x 0.0001 x 4.25 hours
  const early = await at(15);
  expect(early.of('funding-accrued')).toEqual(['-51']);
  expect(early.result.failures).toMatchObject([{ positionId: 'o', reason: { code: 'option-expired' } }]);
  const settled = await at(25);
  expect(settled.of('settlement')).toEqual(['11000']);
  expect(settled.result.failures).toEqual([]);
  expect(settled.venueData.map(({ market, sequence }) => [market, sequence])).toEqual([
    ['BTC-OPTIONS', 2n],
    ['BTC-PERP', 1n],
  ]);
  expect((await at(35)).of('funding-accrued')).toEqual(['55']);
  // what replaced it said nothing of funding
  expect((await at(45)).of('funding-accrued')).toEqual([]);
});

test('keeps neither surfaces nor order books, nor a row where nothing is kept', async () => {
  const rows = await database.pool.query(
    'select market, sequence, data is null as none from venue_data_history order by market, sequence',
  );
  expect(rows.rows.map(({ market, sequence, none }) => [market, Number(sequence), none])).toEqual([
    ['BTC-OPTIONS', 2, false],
    ['BTC-PERP', 1, false],
    ['BTC-PERP', 2, false],
    ['BTC-PERP', 3, true],
  ]);
  const [options] = await venueDataAt(database.orm, 'venue', NOW_MS + 25 * MINUTE);
  expect(options!.data).toEqual({
    ...NOTHING,
    settlements: [{ expiryMs: EXPIRY, priceWad: wad('61000') }],
  });
  expect(await venueDataAt(database.orm, 'other', NOW_MS + 25 * MINUTE)).toEqual([]);
});

test('counts after every settled moment, whatever its own time', async () => {
  await say('ETH-PERP', 1n, 50, rate(0.0002));
  const of = async (ms: number) =>
    (await venueDataAt(database.orm, 'venue', ms)).filter(({ market }) => market === 'ETH-PERP').length;
  expect(await of(NOW_MS + 60 * MINUTE)).toBe(0);
  expect(await of(NOW_MS + 60 * MINUTE + 1)).toBe(1);
});

test('retention keeps the last one before its limit', async () => {
  expect(await deleteVenueHistory(database.orm, NOW_MS + 35 * MINUTE)).toBe(1);
  expect((await at(35)).of('funding-accrued')).toEqual(['55']);
  expect((await at(15)).of('funding-accrued')).toEqual([]);
});
