import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../db/connection.ts';
import { SequenceConflictError } from '../../../db/errors.ts';
import { silentLogger } from '../../../db/logger.ts';
import { migrateDatabase } from '../../../db/migrate.ts';
import { loadVenueData, putVenueData } from '../../../db/queries/venue-data.ts';
import type { StoredVenueData } from '../../../gateway/engine/venue-data.ts';
import { VenueDataStore } from '../../../gateway/engine/venue-data-store.ts';
import { syncVenueData } from '../../../gateway/engine/venue-data-sync.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { until } from '../../helpers/until.ts';

const NOW = Date.UTC(2026, 2, 14, 15);
const entry = (sequence: bigint, change: Partial<StoredVenueData> = {}): StoredVenueData => ({
  protocol: 'alpha',
  market: 'BTC-OPTIONS',
  sequence,
  asOfMs: NOW,
  maxAgeMs: 300_000,
  data: {
    expiries: [
      {
        expiryMs: NOW + 86_400_000,
        forwardWad: 60_000_123_456_789_012_345_678n,
        settlementWad: null,
        rate: 0.04,
        smile: { kind: 'grid', points: [{ strikeWad: 60_000n * 10n ** 18n, volatility: 0.6 }] },
        confidence: { forward: 1, rate: 1, volatility: 0.9 },
      },
    ],
    fundingRate: null,
    openInterestWad: null,
    depth: null,
    settlementWad: null,
  },
  ...change,
});

describe('venue data in PostgreSQL', () => {
  let postgres: TestPostgres;
  let url: string;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    url = await postgres.createDatabase();
    await migrateDatabase(url);
  });
  afterAll(() => postgres.stop());

  it('keeps the newest per protocol and market, exactly; older and contradicting ones are refused', async () => {
    const database = openDatabase({ url, logger: silentLogger });
    try {
      expect(await putVenueData(database, entry(2n))).toEqual({ replayed: false });
      expect(await putVenueData(database, entry(2n))).toEqual({ replayed: true });
      await expect(putVenueData(database, entry(1n))).rejects.toBeInstanceOf(SequenceConflictError);
      await expect(putVenueData(database, entry(2n, { asOfMs: NOW + 1 }))).rejects.toThrow(
        'sequence 2 of market BTC-OPTIONS was already used for other content',
      );
      await putVenueData(database, entry(1n, { protocol: 'beta' }));
      await putVenueData(database, entry(7n, { market: 'ETH-OPTIONS' }));
      const of = { protocol: 'alpha', market: 'BTC-OPTIONS' };
      expect(await loadVenueData(database.orm, of)).toEqual([entry(2n)]);
      expect(await loadVenueData(database.orm)).toHaveLength(3);
      // Writers race: the highest sequence is what stays.
      const race = [12n, 15n, 11n, 14n, 13n].map((sequence) => putVenueData(database, entry(sequence)));
      await Promise.allSettled(race);
      expect((await loadVenueData(database.orm, of))[0]?.sequence).toBe(15n);
    } finally {
      await database.close();
    }
  });

  it('is there again after a restart, and reaches other processes', async () => {
    const here = openDatabase({ url, logger: silentLogger });
    const there = openDatabase({ url, logger: silentLogger });
    const stores = [new VenueDataStore(), new VenueDataStore()] as const;
    const one = syncVenueData({ database: here, store: stores[0], logger: silentLogger });
    const other = syncVenueData({ database: there, store: stores[1], logger: silentLogger });
    try {
      await other.reload();
      expect(stores[1].get('alpha', 'BTC-OPTIONS')).toEqual(entry(15n));
      expect(stores[1].get('gamma', 'BTC-OPTIONS')).toBeNull();
      let sequence = 20n;
      // The other process may still be subscribing when the first announcement goes out.
      await until('the other process to hear of it', async () => {
        sequence += 1n;
        await one.port.put(entry(sequence));
        await new Promise((resolve) => setTimeout(resolve, 50));
        return (stores[1].get('alpha', 'BTC-OPTIONS')?.sequence ?? 0n) > 20n;
      });
      expect(stores[0].get('alpha', 'BTC-OPTIONS')?.sequence).toBe(sequence);
    } finally {
      await Promise.all([one.close(), other.close()]);
      await Promise.all([here.close(), there.close()]);
    }
  });

  it('reaches other processes also when the announcement was lost', async () => {
    const here = openDatabase({ url, logger: silentLogger });
    const there = openDatabase({ url, logger: silentLogger });
    const store = new VenueDataStore();
    const other = syncVenueData({ database: there, store, logger: silentLogger, lookMs: 50 });
    const sequenceOf = (market: string) => store.get('delta', market)?.sequence ?? null;
    try {
      await putVenueData(here, entry(1n, { protocol: 'delta' }));
      await until('it to be known', () => sequenceOf('BTC-OPTIONS') === 1n);
      const mute = { ...here, announce: () => undefined };
      await putVenueData(mute, entry(2n, { protocol: 'delta' }));
      await putVenueData(mute, entry(1n, { protocol: 'delta', market: 'SOL-OPTIONS' }));
      await until(
        'the missed ones to be read',
        () => [sequenceOf('BTC-OPTIONS'), sequenceOf('SOL-OPTIONS')].join() === '2,1',
      );
      expect(store.get('delta', 'BTC-OPTIONS')).toEqual(entry(2n, { protocol: 'delta' }));
    } finally {
      await other.close();
      await Promise.all([here.close(), there.close()]);
    }
  });
});
