import { describe, expect, it } from 'vitest';
import { priceSnapshotAt } from '../../../db/queries/price-snapshots.ts';
import { priceSnapshot } from '../../../jobs/tasks/price-snapshot.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import { context } from '../../helpers/task-context.ts';
import { useDatabase } from '../../helpers/use.ts';

const T0 = Date.UTC(2024, 0, 1);
const WAD = 10n ** 18n;
const database = await useDatabase();

describe('price-snapshot', () => {
  const usable = { usable: true, reasons: [] };
  const verdicts = { open: usable, margin: usable, liquidate: usable };
  const price = (feedId: string, asOfMs: number, priceWad: bigint | null): RobustPrice => ({
    feedId,
    base: feedId.split('-')[0]!,
    quoteAsset: 'USD',
    asOfMs,
    market:
      priceWad === null
        ? null
        : {
            feedId,
            priceWad,
            confidenceWad: 3n,
            confidenceScore: 0.9,
            publishTimeMs: asOfMs - 400,
            verdicts,
          },
    verdicts,
    votes: [
      {
        sourceId: 'chainlink:hub',
        report: {
          ok: true,
          quote: {
            feedId,
            sourceId: 'chainlink:hub',
            kind: 'chainlink',
            base: 'BTC',
            quoteAsset: 'USD',
            price: 6_000_000_000_000n,
            expo: -8,
            confidence: 0n,
            publishTimeMs: asOfMs,
            receivedAtMs: asOfMs,
            chain: 'hub',
            blockNumber: 12n,
            blockTimeMs: asOfMs,
            independenceGroup: 'chainlink',
            details: { roundId: '18446744073709551617' },
          },
        },
        priceWad,
        ageMs: 0,
        included: true,
        reasons: [],
        weight: 1,
      },
    ],
    configHash: '0x01',
  });

  it('keeps each feed once per interval with its evidence exact, the refused ones too', async () => {
    let now = T0 + 1_234;
    const ports = {
      database,
      intervalMs: 60_000,
      prices: async () => [price('BTC-USD', now, 60_000n * WAD), price('DOGE-USD', now, null)],
    };
    expect(await priceSnapshot.run({}, ports, context)).toEqual({ prices: 2, stored: 2 });
    now = T0 + 59_999;
    expect(await priceSnapshot.run({}, ports, context)).toEqual({ prices: 2, stored: 0 });
    now = T0 + 60_000;
    expect(await priceSnapshot.run({}, ports, context)).toEqual({ prices: 2, stored: 2 });
    const kept = await priceSnapshotAt(database.orm, 'BTC-USD', T0 + 59_999);
    expect(kept?.asOfMs).toBe(T0 + 1_234);
    expect(kept?.priceWad).toBe(60_000n * WAD);
    expect(kept?.votes).toEqual(price('BTC-USD', T0 + 1_234, 60_000n * WAD).votes);
    expect(await priceSnapshotAt(database.orm, 'DOGE-USD', T0 + 60_000)).toMatchObject({
      priceWad: null,
      market: null,
    });
  });
});
