import { describe, expect, it } from 'vitest';
import { type ChainRoundOptions, createChainRound } from '../../../oracles/sources/chain-round.ts';
import { address, chainlink, feed, NOW, priceId, pyth, twap } from '../support/feeds.ts';
import { MemoryChain } from '../support/memory-chain.ts';

const PROXY = address('1');
const POOL = address('2');
const BASE = address('3');
const QUOTE = address('4');
const PYTH = address('5');
const AGGREGATOR = address('6');
const UPTIME = address('7');
const SECONDS = BigInt(NOW / 1000);
const FEED = feed({
  sources: [
    pyth(),
    chainlink(),
    twap(),
    {
      kind: 'pyth-onchain',
      id: 'pyth:hub',
      group: 'pyth',
      chain: 'hub',
      maxAgeSeconds: 60,
      contract: PYTH,
      priceId: priceId('a'),
    },
  ],
});

const round = (phase: bigint, id: bigint, answer: bigint, updatedAt = SECONDS - 5n, answeredIn = id) => [
  (phase << 64n) | id,
  answer,
  updatedAt,
  updatedAt,
  (phase << 64n) | answeredIn,
];

function healthy(): MemoryChain {
  return new MemoryChain()
    .set(PROXY, 'latestRoundData', round(3n, 7n, 300_000_000_000n))
    .set(PROXY, 'decimals', 8)
    .set(PROXY, 'aggregator', AGGREGATOR)
    .set(AGGREGATOR, 'minSubmissionValue', 1n)
    .set(AGGREGATOR, 'maxSubmissionValue', 10n ** 14n)
    .set(POOL, 'observe', [
      [0n, -351_000_001n],
      [0n, 1800n << 80n],
    ])
    .set(POOL, 'token0', BASE)
    .set(POOL, 'token1', QUOTE)
    .set(POOL, 'fee', 500)
    .set(BASE, 'decimals', 18)
    .set(QUOTE, 'decimals', 6)
    .set(PYTH, 'getPriceUnsafe', {
      price: 300_100_000_000n,
      conf: 90_000_000n,
      expo: -8,
      publishTime: SECONDS - 2n,
    });
}

const run = (chain: MemoryChain, over: Partial<ChainRoundOptions> = {}) =>
  createChainRound({ reader: chain, feeds: [FEED], sequencer: null, clock: { nowMs: () => NOW }, ...over });

async function reportOf(chain: MemoryChain, sourceId: string, over: Partial<ChainRoundOptions> = {}) {
  const { reports } = await run(chain, over).run();
  const found = reports.find((report) => (report.ok ? report.quote : report.failure).sourceId === sourceId);
  return found!.ok ? found!.quote : { code: found!.failure.code, message: found!.failure.message };
}

describe('one round of a chain', () => {
  it('reads every source at one block', async () => {
    const chain = healthy();
    const { reports, blockNumber, unavailable } = await run(chain).run();
    expect([blockNumber, unavailable, reports.length]).toEqual([100n, null, 3]);
    expect(reports.every((report) => report.ok && report.quote.blockNumber === 100n)).toBe(true);
    expect(chain.batches.length).toBe(2);
  });

  it('Chainlink: phase and round, bounds, publish time', async () => {
    expect(await reportOf(healthy(), 'chainlink:hub')).toMatchObject({
      price: 300_000_000_000n,
      expo: -8,
      confidence: 0n,
      publishTimeMs: NOW - 5000,
      receivedAtMs: NOW,
      chain: 'hub',
      blockTimeMs: NOW,
      independenceGroup: 'chainlink',
      details: { phaseId: 3, aggregatorRoundId: '7', minAnswer: '1', maxAnswer: '100000000000000' },
    });
  });

  it('Uniswap: mean tick toward minus infinity, exact price, block time as publish time', async () => {
    expect(await reportOf(healthy(), 'twap:hub')).toMatchObject({
      // floor(-351000001 / 1800) = -195001; 1.0001^-195001 x 1e12 = 3401.242401056936952265 (60-digit decimals)
      price: 3_401_242_401_056_936_952_265n,
      expo: -18,
      publishTimeMs: NOW,
      details: {
        meanTick: -195_001,
        windowSeconds: 1800,
        feePips: 500,
        harmonicMeanLiquidity: `${(1n << 48n) - 1n}`,
      },
    });
  });

  it("Pyth: price and confidence with the contract's exponent", async () => {
    expect(await reportOf(healthy(), 'pyth:hub')).toMatchObject({
      price: 300_100_000_000n,
      confidence: 90_000_000n,
      expo: -8,
      publishTimeMs: NOW - 2000,
    });
  });

  it('reads facts once, and the bounds of a new aggregator when the phase changes', async () => {
    const chain = healthy();
    const rounds = run(chain);
    await rounds.run();
    await rounds.run();
    expect(chain.batches.length).toBe(3);
    chain.set(PROXY, 'aggregator', UPTIME).set(PROXY, 'latestRoundData', round(4n, 1n, 300_000_000_000n));
    chain.set(UPTIME, 'minAnswer', 299_000_000_000n).set(UPTIME, 'maxAnswer', 300_000_000_000n);
    const { reports } = await rounds.run();
    expect(chain.batches[4]).toEqual(
      ['minAnswer', 'maxAnswer', 'minSubmissionValue', 'maxSubmissionValue'].map(
        (name) => `${UPTIME}.${name}`,
      ),
    );
    expect(reports[0]).toMatchObject({ ok: false, failure: { code: 'bounds' } });
  });

  it.each<[string, string, (chain: MemoryChain) => MemoryChain]>([
    [
      'chainlink:hub',
      'non-positive-price',
      (chain) => chain.set(PROXY, 'latestRoundData', round(1n, 1n, 0n)),
    ],
    [
      'chainlink:hub',
      'non-positive-price',
      (chain) => chain.set(PROXY, 'latestRoundData', round(1n, 1n, -1n)),
    ],
    [
      'chainlink:hub',
      'round-incomplete',
      (chain) => chain.set(PROXY, 'latestRoundData', round(1n, 1n, 5n, 0n)),
    ],
    [
      'chainlink:hub',
      'round-carried-over',
      (chain) => chain.set(PROXY, 'latestRoundData', round(1n, 9n, 5n, 1n, 8n)),
    ],
    ['chainlink:hub', 'unit', (chain) => chain.set(PROXY, 'decimals', 18)],
    ['chainlink:hub', 'bounds', (chain) => chain.set(AGGREGATOR, 'minSubmissionValue', 300_000_000_000n)],
    ['chainlink:hub', 'read-failed', (chain) => chain.revert(PROXY, 'latestRoundData', 'No access')],
    ['chainlink:hub', 'read-failed', (chain) => chain.set(PROXY, 'latestRoundData', null)],
    ['twap:hub', 'window', (chain) => chain.revert(POOL, 'observe', 'observe reverted: OLD')],
    ['twap:hub', 'read-failed', (chain) => chain.revert(POOL, 'observe', 'observe: no data')],
    ['twap:hub', 'unit', (chain) => chain.set(POOL, 'token0', QUOTE)],
    ['twap:hub', 'unit', (chain) => chain.set(QUOTE, 'decimals', 18)],
    ['twap:hub', 'read-failed', (chain) => chain.revert(BASE, 'decimals', 'gone')],
    [
      'twap:hub',
      'read-failed',
      (chain) =>
        chain.set(POOL, 'observe', [
          [0n, 10n ** 12n],
          [0n, 1n],
        ]),
    ],
    ['pyth:hub', 'read-failed', (chain) => chain.revert(PYTH, 'getPriceUnsafe', 'PriceFeedNotFound()')],
    [
      'pyth:hub',
      'non-positive-price',
      (chain) => chain.set(PYTH, 'getPriceUnsafe', { price: 0n, conf: 0n, expo: -8, publishTime: 1n }),
    ],
    [
      'pyth:hub',
      'never-published',
      (chain) => chain.set(PYTH, 'getPriceUnsafe', { price: 1n, conf: 0n, expo: -8, publishTime: 0n }),
    ],
  ])('%s: %s (%#)', async (sourceId, code, change) => {
    const chain = change(healthy());
    expect(await reportOf(chain, sourceId)).toMatchObject({ code });
    const { reports } = await run(chain).run();
    expect(reports.filter((report) => report.ok).length).toBe(2);
  });

  it('a token order the other way round inverts the price', async () => {
    const chain = healthy().set(POOL, 'token0', QUOTE).set(POOL, 'token1', BASE);
    chain.set(POOL, 'observe', [
      [0n, 351_000_000n],
      [0n, 1800n << 80n],
    ]);
    const found = await reportOf(chain, 'twap:hub');
    expect(Number('price' in found && found.price) / 1e18).toBeCloseTo(1.0001 ** -195_000 * 1e12, 6);
  });

  it('a dead chain fails each of its sources and never throws', async () => {
    const chain = healthy();
    chain.dead = true;
    const { reports, unavailable } = await run(chain).run();
    expect(unavailable).toBe('no endpoint answers');
    expect(reports.map((report) => !report.ok && report.failure.code)).toEqual(
      Array(3).fill('chain-unavailable'),
    );
  });
});

describe('the sequencer of a chain', () => {
  const sequencer = { uptimeFeed: UPTIME, graceSeconds: 3600 };
  const status = (down: bigint, since: bigint) =>
    healthy().set(UPTIME, 'latestRoundData', round(1n, 1n, down, SECONDS - since));
  const code = async (chain: MemoryChain) => {
    const found = await reportOf(chain, 'pyth:hub', { sequencer });
    return 'code' in found ? `${found.code}: ${found.message}` : 'quote';
  };

  it.each<[string, MemoryChain]>([
    ['quote', status(0n, 3600n)],
    ['sequencer-grace: the sequencer is up since 3599 s, the grace period is 3600 s', status(0n, 3599n)],
    ['sequencer: the sequencer is down since 9000 s', status(1n, 9000n)],
    [
      'sequencer: the uptime feed has no status yet',
      healthy().set(UPTIME, 'latestRoundData', [0n, 0n, 0n, 0n, 0n]),
    ],
    [
      'sequencer: the uptime feed does not answer: silent',
      healthy().revert(UPTIME, 'latestRoundData', 'silent'),
    ],
  ])('%s', async (expected, chain) => {
    expect(await code(chain)).toBe(expected);
  });

  it('refuses every source of the chain', async () => {
    const { reports } = await run(status(1n, 60n), { sequencer }).run();
    expect(reports.map((report) => !report.ok && report.failure.code)).toEqual(Array(3).fill('sequencer'));
  });
});
