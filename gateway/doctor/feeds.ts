import { setTimeout as delay } from 'node:timers/promises';
import { createChainReader } from '../../chains/clients/chain-reader.ts';
import { silentLogger } from '../../db/logger.ts';
import { PriceBook } from '../../oracles/book/price-book.ts';
import type { FeedConfig } from '../../oracles/config/feeds.ts';
import { startIngest } from '../../oracles/ingest.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import { PURPOSES } from '../../risk/market/verdict.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { NetworkConfig } from '../config/network.ts';
import { Cleanup } from '../runtime/cleanup.ts';
import { type Finding, findingsOf, inSeconds } from './finding.ts';

const { ok, warning, failed } = findingsOf('feeds');
const LOOK_MS = 100;

/**
 * Reads every source of every feed through the code that serves, until each has said something or `patienceMs` of wall
 * time has passed, and judges what came.
 */
export async function checkFeeds(options: {
  readonly network: NetworkConfig;
  readonly clock: Clock;
  readonly hermesApiKey: string | null;
  readonly patienceMs: number;
  readonly pollIntervalMs: number;
}): Promise<readonly Finding[]> {
  const { network, clock, patienceMs, pollIntervalMs, hermesApiKey } = options;
  const { feeds, chains, hermes } = network;
  const logger = silentLogger;
  const book = new PriceBook(feeds);
  const readers = new Map(chains.map((chain) => [chain.id, createChainReader(chain, { clock })] as const));
  const cleanup = new Cleanup();
  const ingest = startIngest({
    feeds,
    hermes,
    hermesApiKey,
    readers,
    chains,
    book,
    clock,
    logger,
    pollIntervalMs,
  });
  cleanup.add('price sources', () => ingest.stop());
  try {
    const deadline = performance.now() + patienceMs;
    const complete = () => feeds.every(({ id, sources }) => settled(book, id) === sources.length);
    while (!complete() && performance.now() < deadline) await delay(LOOK_MS);
    const refusal = ingest.health().hermes?.refusal ?? null;
    return feeds.flatMap((feed) =>
      judge(feed, book.price(feed.id, clock.nowMs()), refusal?.message ?? null, patienceMs),
    );
  } finally {
    await cleanup.run(() => undefined);
  }
}

/** How many sources have given a quote: one that failed may still come round. */
const settled = (book: PriceBook, feedId: string) =>
  book.reports(feedId).filter(({ ok: good }) => good).length;

function judge(
  feed: FeedConfig,
  price: RobustPrice,
  hermesRefusal: string | null,
  patienceMs: number,
): readonly Finding[] {
  const votes = new Map(price.votes.map((vote) => [vote.sourceId, vote]));
  const findings = feed.sources.map((source): Finding => {
    const subject = `${feed.id} ${source.id}`;
    const vote = votes.get(source.id);
    if (source.kind === 'pyth-hermes' && hermesRefusal !== null) {
      // A configuration that leaves it out on purpose works on the other sources, which the feed's verdict shows.
      return warning(subject, hermesRefusal, 'see hermes in docs/live.md');
    }
    if (vote === undefined) {
      const where = 'chain' in source ? `the RPC endpoints of ${source.chain}` : 'hermes.url and its API key';
      return failed(subject, `said nothing within ${inSeconds(patienceMs)}`, `check ${where}`);
    }
    const why = vote.reasons.map(({ code, message }) => `${code}: ${message}`).join('; ');
    if (!vote.report.ok) {
      const { code, message } = vote.report.failure;
      const action =
        code === 'chain-unavailable'
          ? 'see the findings about the RPC endpoints'
          : 'check its addresses in the network file against the publisher';
      return failed(subject, `${code}: ${message}`, action);
    }
    const age = `age ${inSeconds(vote.ageMs ?? 0)} of ${source.maxAgeSeconds} s, group ${source.group}`;
    if (!vote.included) {
      return warning(
        subject,
        `readable but left out: ${why} (${age})`,
        'look at the price evidence of the feed',
      );
    }
    return ok(subject, why === '' ? age : `${age}; ${why}`);
  });
  return [...findings, judgeFeed(feed, price)];
}

function judgeFeed(feed: FeedConfig, { verdicts, market }: RobustPrice): Finding {
  const usable = PURPOSES.filter((purpose) => verdicts[purpose].usable);
  const kind = `class ${feed.class ?? 'none'}`;
  const reasons = [
    ...new Set(PURPOSES.flatMap((purpose) => verdicts[purpose].reasons.map(({ message }) => message))),
  ];
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
  if (market === null || !verdicts.margin.usable) {
    const action = 'accounts that hold it cannot be margined; repair its sources above';
    return failed(feed.id, `${kind}, not usable for margin${why}`, action);
  }
  const detail = `${kind}, usable to ${usable.join(', ')}`;
  if (usable.length < PURPOSES.length)
    return warning(feed.id, `${detail} only${why}`, 'repair its sources above');
  return ok(feed.id, detail);
}
