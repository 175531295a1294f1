import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HermesFault } from '../../../gateway/demo/hermes/server.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import { wadToFloat } from '../../../risk/units/wad.ts';
import { type LiveMarket, startLiveMarket } from '../../helpers/live-market.ts';
import { drainPool, poolLiquidity } from '../../helpers/pool-position.ts';
import { until } from '../../helpers/until.ts';

/** Quicker than in production, so that the test is; a server that asks for a wait gets it whatever is set here. */
const HERMES_TIMING = {
  watchdogMs: 2000,
  requestTimeoutMs: 2000,
  backoffMinMs: 100,
  backoffMaxMs: 1000,
  bannedBackoffMs: 500,
};
const RETRY_AFTER_SECONDS = 4;
const FEED = 'BTC-USD';
/** Farther from the market than this and a price is wrong: the feed's own limit for a source. */
const TRUTH_BAND = 0.03;
/** Market seconds over which the truth is remembered: averages look back. */
const TRUTH_SECONDS = 1800;

let market: LiveMarket;
let watching = true;
let samples = 0;
/** The fault that is played; from its beginning to its recovery the others must keep the price usable for margin. */
let playing: string | null = null;
const wrong: string[] = [];
const rows: string[][] = [];
const truths: { atMs: number; price: number }[] = [];

const price = (): RobustPrice => market.book.price(FEED, market.clock.nowMs());
const included = () =>
  price()
    .votes.filter((vote) => vote.included)
    .map(({ sourceId }) => sourceId);
const whole = () => included().length === market.feeds.find(({ id }) => id === FEED)!.sources.length;
const usable = () => price().verdicts.margin.usable;
/** Codes that speak against a source, whether it was read or not. */
const codesOf = (sourceId: string): readonly string[] =>
  price()
    .votes.find((vote) => vote.sourceId === sourceId)!
    .reasons.map(({ code }) => code);

/** What must hold of every answer, whatever is broken: a price that is used is near the market and made of fresh quotes. */
function check({ feedId, market: formed, verdicts, votes, asOfMs }: RobustPrice): void {
  const { sources } = market.feeds.find(({ id }) => id === feedId)!;
  for (const { sourceId, included: votes_, report, reasons } of votes) {
    if (!votes_) continue;
    const { maxAgeSeconds } = sources.find(({ id }) => id === sourceId)!;
    const ageMs = report.ok ? asOfMs - report.quote.publishTimeMs : Number.NaN;
    if (!(ageMs <= maxAgeSeconds * 1000) || reasons.length > 0) {
      wrong.push(`${feedId}: ${sourceId} votes at the age of ${ageMs} ms`);
    }
  }
  if (feedId !== FEED) return;
  if (playing !== null && !verdicts.margin.usable) {
    wrong.push(`${playing}: not usable for margin, ${verdicts.margin.reasons.map(({ message }) => message)}`);
  }
  if (formed === null || !verdicts.margin.usable) return;
  const found = wadToFloat(formed.priceWad);
  const recent = truths.map(({ price: truth }) => truth);
  const [low, high] = [Math.min(...recent), Math.max(...recent)];
  if (!(found > low * (1 - TRUTH_BAND) && found < high * (1 + TRUTH_BAND))) {
    wrong.push(`${feedId} is ${found}, the market was between ${low} and ${high}`);
  }
}

async function watch(): Promise<void> {
  while (watching) {
    const nowMs = market.clock.nowMs();
    truths.push({ atMs: nowMs, price: market.source.current().assets.BTC.price });
    while (truths[0]!.atMs < nowMs - TRUTH_SECONDS * 1000) truths.shift();
    for (const answer of market.book.all(nowMs)) check(answer);
    samples += 1;
    await sleep(20);
  }
}

/** Plays one fault: until it shows, until it is over, and how long the way back took in wall time. */
async function play(fault: {
  readonly name: string;
  readonly begin: () => unknown;
  /** What tells of it: the reason for the table, or null while it does not show. */
  readonly shows: () => string | null;
  readonly end: () => unknown;
  readonly over?: () => boolean;
}): Promise<void> {
  await until(`${fault.name}: everything in order before`, whole);
  const before = samples;
  playing = fault.name;
  const brokenAt = performance.now();
  await fault.begin();
  const reason = await until(`${fault.name}: it shows`, fault.shows, 45_000);
  const shownAt = performance.now();
  await fault.end();
  const endedAt = performance.now();
  await until(`${fault.name}: it is over`, () => whole() && usable() && (fault.over?.() ?? true), 45_000);
  playing = null;
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
  rows.push([fault.name, reason, seconds(brokenAt, shownAt), seconds(endedAt, performance.now())]);
  expect(samples).toBeGreaterThan(before);
  expect(wrong.slice(0, 5)).toEqual([]);
}

const shows = (sourceId: string, code: string) => () => (codesOf(sourceId).includes(code) ? code : null);
const hubVotes = () => price().votes.filter(({ sourceId }) => sourceId.endsWith(':hub'));
const hubBlock = (): bigint => {
  const blocks = hubVotes().map(({ report }) => (report.ok ? report.quote.blockNumber! : -1n));
  return blocks.reduce((least, block) => (block < least ? block : least));
};
const preferred = () => market.hubReader.health()[0]!;

beforeAll(async () => {
  market = await startLiveMarket(
    {
      speed: 600,
      stepWallMs: 300,
      hermesTiming: HERMES_TIMING,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      minLiquidityShare: 0.1,
    },
    poolLiquidity,
  );
  truths.push({ atMs: market.clock.nowMs(), price: market.source.current().assets.BTC.price });
  void watch();
  await until('all sources', whole, 60_000);
});
afterAll(async () => {
  watching = false;
  await market?.stop();
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '));
  console.log(
    ['fault, reason, seconds until it shows, seconds from its end to recovery', ...lines].join('\n'),
  );
});

describe('Hermes', () => {
  const hermes = (name: string, fault: HermesFault, more: { cut?: boolean; over?: () => boolean } = {}) =>
    play({
      name,
      begin() {
        market.hermes.fault(fault);
        if (more.cut) market.hermes.cutStreams();
      },
      shows: shows('pyth-hermes', 'stale-source'),
      end: () => market.hermes.fault('none'),
      ...(more.over === undefined ? {} : { over: more.over }),
    });

  it.each([
    ['Hermes answers 404', 'status-404', true],
    ['Hermes answers 500', 'status-500', true],
    ['Hermes half-open', 'half-open', false],
    ['Hermes sends garbage', 'garbage', false],
    ['Hermes closes connections', 'refuse', false],
  ] as const)('%s: left out when its last price is too old, and taken back', (name, fault, cut) =>
    hermes(name, fault, { cut }),
  );

  it('answers 429: is not asked again before the time that it names', async () => {
    const asked: number[] = [];
    const refused: number[] = [];
    const toHermes = (message: unknown) =>
      String((message as { request: { origin?: unknown } }).request.origin) === market.hermes.url;
    const onRequest = (message: unknown) => {
      if (toHermes(message)) asked.push(Date.now());
    };
    const onAnswer = (message: unknown) => {
      const { response } = message as { response: { statusCode: number } };
      if (toHermes(message) && response.statusCode === 429) refused.push(Date.now());
    };
    // Where Node's fetch reports its requests: the times are the client's own, however busy the machine is.
    subscribe('undici:request:create', onRequest);
    subscribe('undici:request:headers', onAnswer);
    await hermes('Hermes answers 429', 'status-429', { cut: true });
    unsubscribe('undici:request:create', onRequest);
    unsubscribe('undici:request:headers', onAnswer);
    expect(refused.length).toBeGreaterThan(0);
    for (const refusedAt of refused) {
      const next = asked.find((at) => at > refusedAt);
      if (next !== undefined) expect(next - refusedAt).toBeGreaterThanOrEqual(RETRY_AFTER_SECONDS * 1000 - 1);
    }
    expect(asked.some((at) => at > refused[0]!)).toBe(true);
  });

  it('cuts the stream, as after 24 hours: a new one follows, and the price never leaves', async () => {
    const connections = () => market.ingest.health().hermes!.connections[0]!.connections;
    const before = connections();
    await play({
      name: 'Hermes cuts the stream (24 h)',
      begin: () => market.hermes.cutStreams(),
      shows: () => (connections() > before ? 'none: reconnected' : null),
      end: () => undefined,
    });
  });
});

describe('endpoints of a chain', () => {
  // 5 blocks are within the age that a head may have, 25 are not: two checks, one of which must bind.
  it.each([
    [5, 'behind the best known head'],
    [25, 'old (limit'],
  ])('one that lags %i blocks does not win although it is preferred', async (lagBlocks, words) => {
    await until('blocks to lag behind', () => hubBlock() > 30n);
    let lowest = hubBlock();
    await play({
      name: `preferred RPC ${lagBlocks} blocks behind`,
      begin: () => market.relays[0].fault({ lagBlocks }),
      shows: () =>
        preferred().reason?.includes(words) ? `passed over: ${words.replace(' (limit', '')}` : null,
      end: async () => {
        for (let looked = 0; looked < 40; looked += 1) {
          // -1 where the chain could not be read at all, which is no lagging block.
          if (hubBlock() !== -1n && hubBlock() < lowest)
            wrong.push(`hub went back from block ${lowest} to ${hubBlock()}`);
          if (hubBlock() > lowest) lowest = hubBlock();
          await sleep(20);
        }
        expect(whole()).toBe(true);
        market.relays[0].fault({});
      },
      over: () => preferred().reason === null,
    });
  });

  it('one that lags 25 blocks is not used even when it is the only one left', async () => {
    await play({
      name: 'only RPC left is 25 blocks behind',
      begin() {
        market.relays[1].fault({ silent: true });
        market.relays[0].fault({ lagBlocks: 25 });
      },
      shows: () => {
        const codes = hubVotes().map(({ report }) => (report.ok ? null : report.failure.code));
        return codes.every((code) => code === 'chain-unavailable') ? 'chain-unavailable' : null;
      },
      end() {
        market.relays[1].fault({});
        market.relays[0].fault({});
      },
      over: () => preferred().reason === null,
    });
  });

  it('a reorganisation of five blocks: what was taken back is read again', async () => {
    let removed = 0n;
    await play({
      name: 'reorganisation of 5 blocks',
      begin: async () => {
        await market.hub.rollBack(5);
        removed = hubBlock();
      },
      shows: () => 'none: read again on the new branch',
      end: () => undefined,
      // Lower where a block of the new branch was read at a height that was known; where none was, the chain grew past it.
      over: () => hubBlock() !== removed,
    });
  });

  it('one that serves another chain is refused for good, and the other one serves', async () => {
    await play({
      name: 'preferred RPC of another chain',
      begin: async () => {
        // The chain id is asked for again after a failure: another node may answer by then.
        market.relays[0].fault({ status: 503 });
        await until('a failure of the preferred endpoint', () => preferred().state === 'backing-off');
        market.relays[0].fault({ chainId: 5 });
      },
      shows: () => (preferred().state === 'refused' ? 'refused: another chain id' : null),
      end: () => market.relays[0].fault({}),
    });
    expect(preferred()).toMatchObject({
      state: 'refused',
      reason: 'serves chain id 5, not 31337; refused for good',
    });
  });
});

describe('sources on chain', () => {
  it('a sequencer that is down, and its grace period', async () => {
    const l2 = (code: string) => () =>
      price()
        .votes.filter(({ sourceId }) => sourceId.endsWith(':l2'))
        .every(({ reasons }) => reasons.some((reason) => reason.code === code))
        ? code
        : null;
    let backAt = 0;
    await play({
      name: 'L2 sequencer down',
      begin: () => market.driver.setSequencer('l2', false),
      shows: l2('sequencer'),
      end: async () => {
        market.driver.setSequencer('l2', true);
        await until('the grace period', l2('sequencer-grace'));
        backAt = market.clock.nowMs();
      },
    });
    // Grace is market time on the chain's own clock.
    expect(market.clock.nowMs() - backAt).toBeGreaterThan(3000 * 1000);
  });

  it('Chainlink that stands still is left out after its heartbeat', () =>
    play({
      name: 'Chainlink stuck (heartbeat 1 h)',
      begin: () => market.driver.pauseSource('chainlink', 'hub'),
      shows: shows('chainlink:hub', 'stale-source'),
      end: () => market.driver.resumeSource('chainlink', 'hub'),
    }));

  it('a pool whose liquidity was taken away is left out, and returns with it', async () => {
    let refill: () => Promise<unknown> = async () => undefined;
    await play({
      name: 'pool drained',
      begin: async () => {
        refill = await drainPool(market.hub, 'BTC');
      },
      shows: shows('uniswap-v3-twap:hub', 'liquidity'),
      end: () => refill(),
    });
  });
});
