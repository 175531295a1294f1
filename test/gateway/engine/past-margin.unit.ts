import { afterAll, beforeAll, expect, test } from 'vitest';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { settle } from '../../../db/queries/settled.ts';
import type { PastMargin } from '../../../gateway/app/ports.ts';
import { Listing } from '../../../gateway/engine/instruments.ts';
import { pastMargin } from '../../../gateway/engine/past-margin.ts';
import { settledMoments } from '../../../gateway/engine/settled-moments.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { wadFromDecimal, wadToDecimal } from '../../../risk/units/wad.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { asker } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { MARKETS, NOW_MS, robustPrice, SERIES } from '../support/market.ts';

const MINUTE = 60_000;
const MODEL = pinnedModel('fixed', '1.0.0', {});
let postgres: TestPostgres;
let past: PastMargin;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const database = await postgres.openMigrated();
  /** One BTC long from 50,000 after 20 minutes, two of them after 40. */
  for (const [sequence, size] of [
    [1n, '1'],
    [2n, '2'],
  ] as const) {
    await putPositions(database, {
      protocol: 'venue',
      account: 'alice',
      sequence,
      cashWad: wadFromDecimal('20000'),
      positions: [
        {
          kind: 'perp',
          id: 'p',
          market: 'BTC-PERP',
          sizeWad: wadFromDecimal(size),
          entryPriceWad: wadFromDecimal('50000'),
          unsettledFundingWad: 0n,
          chain: null,
        },
      ],
      marketTimeMs: NOW_MS + Number(sequence) * 20 * MINUTE,
    });
  }
  past = pastMargin({
    database,
    // 50,000 and 100 more with every minute.
    prices: {
      ids: () => ['BTC-USD'],
      at: async (id, atMs) => robustPrice(id, String(50_000 + (100 * (atMs - NOW_MS)) / MINUTE), atMs),
    },
    forecasts: { assets: () => [], at: async () => [] },
    requireSettled: settledMoments(database),
    isCurrent: () => true,
    service: {
      configuration: { listing: new Listing(MARKETS, SERIES), model: () => MODEL },
      validForMs: 10_000,
    },
  });
  await settle(database, async () => ({ atMs: NOW_MS + 60 * MINUTE, store: async () => null }));
});
afterAll(() => postgres.stop());

test.each([
  // 20,000 + 1 x (53,000 - 50,000), and 20,000 + 2 x (54,000 - 50,000).
  [30, 1n, '23000'],
  [40, 2n, '28000'],
  [59, 2n, '31800'],
] as const)(
  'the margin after %i minutes is of the book and the prices of then',
  async (minutes, sequence, equity) => {
    const answer = await past.at('venue', 'alice', NOW_MS + minutes * MINUTE, null);
    expect(answer.sequence).toBe(sequence);
    expect(answer.asOfMs).toBe(NOW_MS + minutes * MINUTE);
    expect(wadToDecimal(answer.result.equityWad)).toBe(equity);
  },
);

test('says since when books are kept, and nothing about another protocol', async () => {
  await expect(past.at('venue', 'alice', NOW_MS + 19 * MINUTE, null)).rejects.toMatchObject({
    type: 'no-stored-book',
    details: { since: new Date(NOW_MS + 20 * MINUTE).toISOString() },
  });
  await expect(past.at('other', 'alice', NOW_MS + 40 * MINUTE, null)).rejects.toMatchObject({
    type: 'unknown-account',
  });
});

test('refuses a moment that is not settled, and says up to which they are', async () => {
  await expect(past.at('venue', 'alice', NOW_MS + 60 * MINUTE + 1, null)).rejects.toMatchObject({
    type: 'moment-not-settled',
    retryable: true,
    details: { settledUntil: new Date(NOW_MS + 60 * MINUTE).toISOString() },
  });
});

test('over HTTP a past answer is never taken for one of now', async () => {
  const world = createWorld({
    override: (ports) => ({
      ...ports,
      prices: { ...ports.prices, at: async (id, atMs) => robustPrice(id, '50000', atMs) },
      forecasts: { ...ports.forecasts, at: async (asset) => ports.forecasts.get(asset) },
      margin: { ...ports.margin, at: (_, ...rest) => past.at('venue', ...rest) },
    }),
  });
  world.nowMs = NOW_MS + 60 * MINUTE;
  const ask = asker(world);
  const at = new Date(NOW_MS + 40 * MINUTE).toISOString();
  const stale = { stale: true, reasons: [{ code: 'past-moment' }] };
  const margin = await ask(`/v1/accounts/alice/margin?at=${at}`);
  expect(margin.json).toMatchObject({ asOf: at, equity: '28000', sequence: 2, ...stale });
  const prices = await ask(`/v1/prices?ids=BTC-USD&at=${at}`);
  expect(prices.json).toMatchObject({ prices: [{ price: '50000', asOf: at, ...stale }] });
  const forecast = await ask(`/v1/forecasts/BTC?at=${at}`);
  expect(forecast.json).toMatchObject(stale);
  const before = await ask(`/v1/accounts/alice/margin?at=${(NOW_MS + 19 * MINUTE) / 1000}`);
  expect(before.json).toMatchObject({ status: 409, type: '/errors/no-stored-book' });
  const ahead = await ask('/v1/prices?at=2027-01-01T00:00:00Z');
  expect(ahead.json).toMatchObject({ status: 400, errors: [{ field: 'at' }] });
});
