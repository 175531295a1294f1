import { contentHash } from '../../db/json.ts';
import { evaluateFeed } from '../../oracles/aggregation/evaluate.ts';
import { UnknownFeedError } from '../../oracles/book/errors.ts';
import { quoteFeedsOf } from '../../oracles/book/feed-order.ts';
import { configHash } from '../../oracles/config/config-hash.ts';
import type { FeedConfig } from '../../oracles/config/feeds.ts';
import type { FeedMemory } from '../../oracles/guards/memory.ts';
import type { RobustPrice, SourceVote } from '../../oracles/price.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';

/** What a replay reads of a stored price; a row of db/queries/price-snapshots.ts fits. */
export interface StoredPrice {
  readonly feed: string;
  readonly asOfMs: UnixMs;
  readonly market: unknown;
  readonly verdicts: unknown;
  readonly votes: unknown;
  /** Null where nothing was remembered. */
  readonly memory: unknown;
  readonly configHash: string;
}

/** A stored verdict that cannot be worked out again from what is stored. */
export class ReplayImpossibleError extends BreakwaterError {
  override readonly name = 'ReplayImpossibleError';
  readonly feedId: string;
  constructor(feedId: string, atMs: UnixMs, why: string) {
    const at = new Date(atMs).toISOString();
    super(`${feedId} at ${at} cannot be replayed: ${why}`, {
      type: 'replay-impossible',
      kind: 'unprocessable',
      details: { feedId, at, why },
    });
    this.feedId = feedId;
  }
}

export interface Replay {
  readonly asOfMs: UnixMs;
  readonly configHash: string;
  readonly price: RobustPrice;
  /** Hash over price, verdicts, votes and memory as stored, and as worked out again. */
  readonly storedHash: string;
  readonly replayedHash: string;
  readonly identical: boolean;
}

interface ReplayInput {
  readonly feeds: ReadonlyMap<string, FeedConfig>;
  /** Newest stored price of a feed at or before a time. */
  readonly stored: (feedId: string, atMs: UnixMs) => Promise<StoredPrice | null>;
}

async function evaluated(
  { feeds, stored }: ReplayInput,
  feedId: string,
  snapshot: StoredPrice,
): Promise<RobustPrice> {
  const { asOfMs } = snapshot;
  const config = feeds.get(feedId);
  if (config === undefined) throw new UnknownFeedError(feedId);
  const refuse = (why: string) => new ReplayImpossibleError(feedId, asOfMs, why);
  if (configHash(config) !== snapshot.configHash) {
    throw refuse(`it was judged by configuration ${snapshot.configHash}, given is ${configHash(config)}`);
  }
  // A feed with a class is always judged with a memory, an empty one at the start: without it the answer is another one.
  if (config.class !== undefined && snapshot.memory === null)
    throw refuse('what the feed remembered was not stored');
  const quotePrices = new Map<string, RobustPrice>();
  for (const leg of quoteFeedsOf(config)) {
    const row = await stored(leg, asOfMs);
    if (row === null || row.asOfMs !== asOfMs) throw refuse(`${leg} was not stored at the same time`);
    quotePrices.set(leg, await evaluated({ feeds, stored }, leg, row));
  }
  const reports = (snapshot.votes as readonly SourceVote[]).map(({ report }) => report);
  const memory = snapshot.memory as FeedMemory | null;
  return evaluateFeed(config, reports, asOfMs, { quotePrices, memory });
}

const evidenceHash = ({
  market,
  verdicts,
  votes,
  memory,
}: Omit<StoredPrice, 'feed' | 'asOfMs' | 'configHash'>) => contentHash({ market, verdicts, votes, memory });

/**
 * Works a stored verdict out again from its stored reports and the configuration of the same hash, cross feeds from
 * those of their legs, and compares everything that was stored.
 * @param atMs the newest stored price at or before this time is replayed
 * @throws UnknownFeedError
 * @throws ReplayImpossibleError when nothing was stored, under another configuration, or without what it needs
 */
export async function replayPrice(input: ReplayInput, feedId: string, atMs: UnixMs): Promise<Replay> {
  if (!input.feeds.has(feedId)) throw new UnknownFeedError(feedId);
  const snapshot = await input.stored(feedId, atMs);
  if (snapshot === null) throw new ReplayImpossibleError(feedId, atMs, 'nothing was stored by then');
  const price = await evaluated(input, feedId, snapshot);
  const storedHash = evidenceHash(snapshot);
  const replayedHash = evidenceHash({ ...price, memory: price.memory ?? null });
  return {
    asOfMs: snapshot.asOfMs,
    configHash: snapshot.configHash,
    price,
    storedHash,
    replayedHash,
    identical: storedHash === replayedHash,
  };
}
