import { beforeAll, describe, expect, it } from 'vitest';
import { insertPriceSnapshots, priceSnapshotAt } from '../../../db/queries/price-snapshots.ts';
import { replayPrice } from '../../../gateway/cli/replay-price.ts';
import { toSnapshot } from '../../../jobs/tasks/price-snapshot.ts';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import type { FeedConfig } from '../../../oracles/config/feeds.ts';
import type { FeedMemory } from '../../../oracles/guards/memory.ts';
import { PURPOSES } from '../../../risk/market/verdict.ts';
import { useDatabase } from '../../helpers/use.ts';
import { chainlink, failure, feed, NOW, pyth, quote, twap } from '../../oracles/support/feeds.ts';

const INTERVAL = 5000;
const USDC = feed({
  id: 'USDC-USD',
  base: 'USDC',
  minPrice: '0.5',
  maxPrice: '1.5',
  sources: [pyth({ maxAgeSeconds: 600 }), chainlink({ maxAgeSeconds: 90_000 })],
});
const ETH = feed({ sources: [pyth(), chainlink(), twap({ quoteAsset: 'USDC', quoteFeed: 'USDC-USD' })] });
const BTC = feed({ id: 'BTC-USD', base: 'BTC', class: 'major' });

const database = await useDatabase();
beforeAll(async () => {
  const book = new PriceBook([ETH, USDC, BTC]);
  const store = async (nowMs: number) =>
    insertPriceSnapshots(
      database.orm,
      book.all(nowMs).map((price) => toSnapshot(price, INTERVAL)),
    );
  book.ingest([
    quote(USDC, 'pyth:hermes', 0.9993, { confidence: 30_000n }),
    quote(USDC, 'chainlink:hub', 0.9991),
    quote(ETH, 'pyth:hermes', 3000.12345678, { confidence: 123_456_789n }),
    quote(ETH, 'chainlink:hub', 3001.7, { details: { roundId: '18446744073709551617', phase: 1 } }),
    quote(ETH, 'twap:hub', 3003.3, { details: { feePips: 500 } }),
  ]);
  const btc = (price: number, publishTimeMs: number) =>
    ['pyth:hermes', 'chainlink:hub', 'twap:hub'].map((id) =>
      quote(BTC, id, price, {
        publishTimeMs,
        ...(id === 'pyth:hermes' ? {} : { blockTimeMs: publishTimeMs }),
      }),
    );
  book.ingest(btc(60_000.12, NOW + 1000));
  await store(NOW + 1234);
  book.ingest(btc(52_000.34, NOW + 1000 + INTERVAL));
  book.ingest([
    quote(ETH, 'pyth:hermes', 4000, { publishTimeMs: NOW + INTERVAL }),
    failure(ETH, 'twap:hub', 'chain-unavailable', NOW + INTERVAL),
  ]);
  await store(NOW + 1234 + INTERVAL);
});

const map = (...feeds: readonly FeedConfig[]) => new Map(feeds.map((config) => [config.id, config]));
const replay = (feedId: string, atMs: number, feeds = map(ETH, USDC, BTC)) =>
  replayPrice({ feeds, stored: (id, at) => priceSnapshotAt(database.orm, id, at) }, feedId, atMs);

describe('replay of feeds with memory', () => {
  const at = (index: number) => NOW + 1234 + index * INTERVAL;
  const verdicts = ({ price }: Awaited<ReturnType<typeof replay>>) =>
    PURPOSES.map((purpose) => (price.verdicts[purpose].usable ? '1' : '0')).join('');

  it('gives the same answer where the jump guard binds on what was remembered', async () => {
    const before = await replay('BTC-USD', at(0));
    expect([before.identical, verdicts(before), before.price.memory?.lastGood]).toEqual([true, '111', null]);
    const jumped = await replay('BTC-USD', at(1));
    expect([jumped.identical, verdicts(jumped)]).toEqual([true, '011']);
    expect(jumped.price.verdicts.open.reasons[0]).toMatchObject({ code: 'jump', subject: 'BTC-USD' });
    expect(jumped.price.memory?.ema1hWad).toBe(before.price.market!.priceWad);
  });

  it('gives another answer, and says so, when what was remembered is changed', async () => {
    const stored = async (id: string, when: number) => {
      const row = await priceSnapshotAt(database.orm, id, when);
      return row && { ...row, memory: { ...(row.memory as FeedMemory), lastGood: null, ema1hWad: null } };
    };
    const changed = await replayPrice({ feeds: map(BTC), stored }, 'BTC-USD', at(1));
    expect([changed.identical, verdicts(changed)]).toEqual([false, '111']);
  });

  it('refuses rows without memory', async () => {
    const stored = async (id: string, when: number) => {
      const row = await priceSnapshotAt(database.orm, id, when);
      return row && { ...row, memory: null };
    };
    const refused = replayPrice({ feeds: map(BTC), stored }, 'BTC-USD', at(1));
    await expect(refused).rejects.toThrow('what the feed remembered was not stored');
  });
});

describe('replay from stored evidence', () => {
  it('gives the stored answer bit for bit, cross feeds and refusals included', async () => {
    const first = await replay('ETH-USD', NOW + 2000);
    expect([first.identical, first.asOfMs]).toEqual([true, NOW + 1234]);
    expect(first.price.votes.map(({ included }) => included)).toEqual([true, true, true]);
    const later = await replay('ETH-USD', NOW + 60_000);
    expect([later.identical, later.asOfMs]).toEqual([true, NOW + 1234 + INTERVAL]);
    expect(later.price.market).toBeNull();
    expect(later.price.verdicts.margin.reasons[0]!.code).toBe('disagreement');
    expect(later.storedHash).not.toBe(first.storedHash);
    expect((await replay('USDC-USD', NOW + 2000)).identical).toBe(true);
  });

  it('notices a row that was changed', async () => {
    const stored = async (id: string, at: number) => {
      const row = await priceSnapshotAt(database.orm, id, at);
      if (row === null || id !== 'ETH-USD') return row;
      const market = { ...(row.market as { priceWad: bigint }) };
      market.priceWad += 1n;
      return { ...row, market };
    };
    expect((await replayPrice({ feeds: map(ETH, USDC), stored }, 'ETH-USD', NOW + 2000)).identical).toBe(
      false,
    );
  });

  it.each<[string, string, number, readonly FeedConfig[]]>([
    ['nothing was stored by then', 'ETH-USD', NOW, [ETH, USDC]],
    ['it was judged by configuration', 'ETH-USD', NOW + 2000, [{ ...ETH, maxDeviationBps: 299 }, USDC]],
    ['no feed', 'SOL-USD', NOW + 2000, [ETH, USDC]],
  ])('refuses: %s', async (why, feedId, atMs, feeds) => {
    await expect(replay(feedId, atMs, map(...feeds))).rejects.toThrow(why);
  });
});
