import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import type { DevnetChain } from '../../../chains/devnet/types.ts';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import { type FeedConfig, feedSchema } from '../../../oracles/config/feeds.ts';
import { type Ingest, startIngest } from '../../../oracles/ingest.ts';
import { silentLogger } from '../../../oracles/logger.ts';
import type { Quote, SourceFailure } from '../../../oracles/quotes/quote.ts';
import { createChainRound } from '../../../oracles/sources/chain-round.ts';
import { PRICES, START, startTestDevnet, type TestDevnet } from '../../chains/support/local-chains.ts';

let devnet: TestDevnet;
let seconds = START;
const clock = { nowMs: () => seconds * 1000 };

/** Every source of one asset on one chain. */
function sources({ definition: { id }, chainlink, pyth, pools }: DevnetChain, asset: string) {
  const { proxy, decimals, heartbeatSeconds, deviationBps } = chainlink[asset]!;
  const { pool, baseToken, baseDecimals, quoteDecimals } = pools[asset]!;
  const on = { chain: id };
  return [
    {
      kind: 'chainlink',
      id: `chainlink:${id}`,
      group: 'chainlink',
      ...on,
      proxy,
      decimals,
      heartbeatSeconds,
      deviationBps,
      maxAgeSeconds: 7200,
    },
    {
      kind: 'pyth-onchain',
      id: `pyth:${id}`,
      group: 'pyth',
      ...on,
      contract: pyth.contract,
      priceId: pyth.priceIds[asset],
      maxAgeSeconds: 120,
    },
    {
      kind: 'uniswap-v3-twap',
      id: `twap:${id}`,
      group: `pool:${id}`,
      ...on,
      pool,
      baseToken,
      baseDecimals,
      quoteDecimals,
      windowSeconds: 600,
      maxAgeSeconds: 120,
    },
  ];
}

function feeds(): FeedConfig[] {
  return [devnet.hub, devnet.l2].map((chain) =>
    feedSchema.parse({
      id: `ETH-${chain.definition.id.toUpperCase()}`,
      base: 'ETH',
      quote: 'USD',
      minPrice: '100',
      maxPrice: '100000',
      sources: sources(chain, 'ETH'),
    }),
  );
}

const reader = (chain: DevnetChain) =>
  createChainReader(chain.definition, { clock, backoffFirstMs: 10, backoffMaxMs: 50 });

function roundOf(chain: DevnetChain, list = feeds()) {
  const { sequencerUptimeFeed: uptimeFeed, sequencerGraceSeconds: graceSeconds } = chain.definition;
  const sequencer = uptimeFeed === null ? null : { uptimeFeed, graceSeconds };
  return createChainRound({ reader: reader(chain), feeds: list, sequencer, clock });
}

/** Quotes and failures of a round by source. */
async function read(chain: DevnetChain, list = feeds()) {
  const { reports, blockNumber } = await roundOf(chain, list).run();
  const quotes = new Map<string, Quote>();
  const failures = new Map<string, SourceFailure>();
  for (const report of reports) {
    if (report.ok) quotes.set(report.quote.sourceId, report.quote);
    else failures.set(report.failure.sourceId, report.failure);
  }
  return { quotes, failures, blockNumber, codes: [...failures.values()].map(({ code }) => code) };
}

const step = (
  chain: DevnetChain,
  bySeconds: number,
  input: Omit<Parameters<DevnetChain['step']>[0], 'timestampSeconds'> = {},
) => {
  seconds += bySeconds;
  return chain.step({ timestampSeconds: seconds, ...input });
};
const float = ({ price, expo }: Quote) => Number(price) * 10 ** expo;

beforeAll(async () => {
  devnet = await startTestDevnet();
});
afterAll(() => devnet?.stop());

describe('real contracts on local chains', () => {
  it.each(['hub', 'l2'] as const)(
    'every source of %s answers with the first price, at one block',
    async (name) => {
      const chain = devnet[name];
      const { quotes, failures, blockNumber } = await read(chain);
      expect([...failures]).toEqual([]);
      expect([...quotes.keys()]).toEqual([`chainlink:${name}`, `pyth:${name}`, `twap:${name}`]);
      for (const quote of quotes.values()) {
        expect(Math.abs(float(quote) / PRICES.ETH - 1)).toBeLessThan(0.002);
        expect(quote).toMatchObject({
          blockNumber,
          publishTimeMs: START * 1000,
          blockTimeMs: START * 1000,
          chain: name,
        });
      }
      expect(quotes.get(`chainlink:${name}`)).toMatchObject({
        price: 200_000_000_000n,
        details: {
          phaseId: 1,
          aggregatorRoundId: '1',
          minAnswer: `${chain.chainlink.ETH!.minSubmissionValue}`,
        },
      });
      expect(quotes.get(`pyth:${name}`)!.confidence).toBeGreaterThan(0n);
      expect(quotes.get(`twap:${name}`)!.details.feePips).toBe(chain.pools.ETH!.fee);
    },
  );

  it('follows rounds, pushes and swaps, and a new aggregator', async () => {
    const { hub } = devnet;
    const { blockNumber } = await step(hub, 12, {
      chainlink: [{ asset: 'ETH', price: 2020 }],
      pyth: [{ asset: 'ETH', price: 2021, confidence: 0.5, publishTimeSeconds: seconds + 11 }],
      pools: [{ asset: 'ETH', targetPrice: 2020 }],
    });
    const first = await read(hub);
    expect(first.blockNumber).toBe(blockNumber);
    expect(first.quotes.get('chainlink:hub')).toMatchObject({
      price: 202_000_000_000n,
      publishTimeMs: seconds * 1000,
    });
    expect(first.quotes.get('chainlink:hub')!.details.aggregatorRoundId).toBe('2');
    expect(float(first.quotes.get('pyth:hub')!)).toBeCloseTo(2021, 6);
    expect(first.quotes.get('pyth:hub')!.publishTimeMs).toBe((seconds - 1) * 1000);
    // The swap has had no time yet: the mean is where it was. 300 of 600 seconds later it is half-way.
    const before = float(first.quotes.get('twap:hub')!);
    await step(hub, 300);
    const after = float((await read(hub)).quotes.get('twap:hub')!);
    expect(before).toBeCloseTo(1999.8, -1);
    expect(after / before).toBeGreaterThan(1.004);
    expect(after / before).toBeLessThan(1.006);

    seconds += 12;
    await hub.startChainlinkPhase({ asset: 'ETH', price: 2025, timestampSeconds: seconds });
    seconds += 12;
    const phase = (await read(hub)).quotes.get('chainlink:hub')!;
    expect([phase.price, phase.details.phaseId]).toEqual([202_500_000_000n, 2]);
  });

  it('says why a source has no price', async () => {
    const [hubFeed] = feeds();
    const wrong = {
      ...hubFeed!,
      sources: hubFeed!.sources.map((source) => {
        if (source.kind === 'uniswap-v3-twap') return { ...source, windowSeconds: 86_400 };
        if (source.kind === 'chainlink') return { ...source, decimals: 18 };
        return { ...source, priceId: `0x${'77'.repeat(32)}` as const };
      }),
    };
    const { codes, failures } = await read(devnet.hub, [wrong as FeedConfig]);
    expect(codes).toEqual(['unit', 'read-failed', 'window']);
    expect(failures.get('pyth:hub')!.message).toContain('PriceFeedNotFound');
    expect(failures.get('twap:hub')!.message).toContain('OLD');
  });

  it('refuses every price of the chain while its sequencer is down and in the grace period', async () => {
    const { l2 } = devnet;
    await step(l2, 12, { sequencerUp: false });
    expect((await read(l2)).codes).toEqual(['sequencer', 'sequencer', 'sequencer']);
    await step(l2, 60, { sequencerUp: true });
    expect((await read(l2)).codes).toEqual(Array(3).fill('sequencer-grace'));
    await step(l2, 3600);
    expect((await read(l2)).codes).toEqual([]);
  });
});

describe('ingestion from local chains', () => {
  let ingest: Ingest | null = null;
  afterAll(() => ingest?.stop());

  it('prices while the chain lives, says that it is dead while it is, and recovers', async () => {
    const { hub } = devnet;
    const refresh = (price: number) =>
      step(hub, 12, {
        chainlink: [{ asset: 'ETH', price }],
        pyth: [{ asset: 'ETH', price, confidence: 0.5, publishTimeSeconds: seconds + 12 }],
      });
    const list = feeds();
    const book = new PriceBook(list);
    await refresh(2025);
    ingest = startIngest({
      feeds: list,
      hermes: null,
      readers: new Map([['hub', reader(hub)]]),
      chains: [devnet.hub.definition],
      book,
      clock,
      logger: silentLogger,
      pollIntervalMs: 20,
    });
    const price = () => book.price('ETH-HUB', clock.nowMs());
    const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 20 });
    await until(() => expect(price().verdicts.margin.usable).toBe(true));
    expect(Number(price().market!.priceWad) / 1e18).toBeCloseTo(2025, -1);

    await hub.kill();
    await until(() => {
      const { market, verdicts } = price();
      expect(market).toBeNull();
      expect(verdicts.margin.reasons.map(({ code }) => code)).toEqual([
        'quorum-not-met',
        ...Array(3).fill('chain-unavailable'),
      ]);
    });
    expect(ingest.health().chains[0]!.failuresInRow).toBeGreaterThan(0);

    await hub.restart();
    await refresh(2030);
    await until(() => {
      expect(price().votes[0]!.report).toMatchObject({ ok: true, quote: { price: 203_000_000_000n } });
      expect(price().verdicts.margin.usable).toBe(true);
    });
    expect(book.statistics().sources.find(({ sourceId }) => sourceId === 'chainlink:hub')!.moves).toBe(1);
    await ingest.stop();
  });
});
