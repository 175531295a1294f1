import type { Clock } from '../../risk/units/time.ts';
import type { FeedConfig, SourceConfig } from '../config/feeds.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { chainlink } from './chainlink.ts';
import { FactCache } from './fact-cache.ts';
import type { ChainReader, PinnedView, ReadOutcome } from './ports.ts';
import { pythOnchain } from './pyth-onchain.ts';
import { SeenBlocks } from './seen-blocks.ts';
import { type SequencerConfig, sequencerCall, sequencerRefusal } from './sequencer.ts';
import {
  type FeedSource,
  type Finding,
  failureReport,
  type OnchainSource,
  quoteOf,
  type RoundInput,
  refused,
} from './source.ts';
import { createUniswapV2Twap } from './uniswap-v2-twap.ts';
import { uniswapV3Twap } from './uniswap-v3-twap.ts';

type OnchainConfig = Extract<SourceConfig, { chain: string }>;

type AdapterOf = (source: OnchainConfig) => OnchainSource<SourceConfig>;

/** The adapters of one chain; the one for v2 pairs remembers its rounds. */
function createAdapters(): AdapterOf {
  const adapters = {
    'pyth-onchain': pythOnchain,
    chainlink,
    'uniswap-v3-twap': uniswapV3Twap,
    'uniswap-v2-twap': createUniswapV2Twap(),
  } as const;
  return ({ kind }) => adapters[kind] as unknown as OnchainSource<SourceConfig>;
}

/** Every source of every feed that is read from `chain`. */
export function sourcesOfChain(feeds: readonly FeedConfig[], chain: string): FeedSource<OnchainConfig>[] {
  return feeds.flatMap((feed) =>
    feed.sources.flatMap((source) => ('chain' in source && source.chain === chain ? [{ feed, source }] : [])),
  );
}

export interface ChainRoundOptions {
  readonly reader: ChainReader;
  readonly feeds: readonly FeedConfig[];
  /** null on a chain without a sequencer. */
  readonly sequencer: SequencerConfig | null;
  readonly clock: Clock;
}

export interface ChainRound {
  /** Pins one block, reads every source of the chain there, and gives one report per source. Never rejects. */
  run(): Promise<RoundResult>;
}

export interface RoundResult {
  readonly reports: readonly SourceReport[];
  /** The pinned block; null when the chain was unavailable. */
  readonly blockNumber: bigint | null;
  /** Why the chain was unavailable; null when it answered. */
  readonly unavailable: string | null;
  /** The pinned block took the place of one that was read before: quotes of later blocks are of removed ones. */
  readonly reorganised: boolean;
}

/** Splits `outcomes` into runs of the given lengths. */
function split(outcomes: readonly ReadOutcome[], lengths: readonly number[]): (readonly ReadOutcome[])[] {
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return outcomes.slice(start - length, start);
  });
}

/** An answer of a shape that no such contract gives fails its own source and no other. */
function interpret(adapterOf: AdapterOf, input: RoundInput<OnchainConfig>): Finding {
  try {
    return adapterOf(input.source).interpret(input);
  } catch (error) {
    return refused('read-failed', error instanceof Error ? error.message : String(error));
  }
}

async function readRound(
  view: PinnedView,
  sources: readonly FeedSource<OnchainConfig>[],
  options: ChainRoundOptions,
  facts: FactCache,
  adapterOf: AdapterOf,
): Promise<readonly SourceReport[]> {
  const { sequencer, clock } = options;
  const calls = sources.map(({ source }) => adapterOf(source).calls(source));
  const head = sequencer === null ? [] : [sequencerCall(sequencer)];
  const answers = await view.read([...head, ...calls.flat()]);
  const refusal = sequencer === null ? null : sequencerRefusal(sequencer, answers[0], view);
  const own = split(
    answers.slice(head.length),
    calls.map((list) => list.length),
  );
  const factCalls = sources.map(({ source }, index) => adapterOf(source).facts(source, own[index]!));
  const factOf = await facts.read(view, factCalls.flat());
  const nowMs = clock.nowMs();
  return sources.map(({ feed, source }, index) => {
    if (refusal !== null) return failureReport({ feed, source }, refusal.code, refusal.message, nowMs);
    const outcomes = own[index]!;
    const finding = interpret(adapterOf, {
      feed,
      source,
      outcomes,
      facts: factCalls[index]!.map(factOf),
      view,
      nowMs,
    });
    if (!finding.ok) return failureReport({ feed, source }, finding.code, finding.message, nowMs);
    return {
      ok: true,
      quote: {
        ...quoteOf({ feed, source }),
        ...finding.quote,
        receivedAtMs: nowMs,
        chain: source.chain,
        blockNumber: view.blockNumber,
        blockTimeMs: view.blockTimeMs,
        independenceGroup: source.group,
      },
    };
  });
}

/** One chain's rounds; keeps immutable facts between them. */
export function createChainRound(options: ChainRoundOptions): ChainRound {
  const sources = sourcesOfChain(options.feeds, options.reader.chain);
  const facts = new FactCache();
  const adapterOf = createAdapters();
  const seen = new SeenBlocks();
  return {
    async run() {
      let reorganised = false;
      try {
        const view = await options.reader.pin();
        reorganised = seen.removes(view);
        const reports = await readRound(view, sources, options, facts, adapterOf);
        return { reports, blockNumber: view.blockNumber, unavailable: null, reorganised };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const nowMs = options.clock.nowMs();
        const reports = sources.map((entry) => failureReport(entry, 'chain-unavailable', reason, nowMs));
        return { reports, blockNumber: null, unavailable: reason, reorganised };
      }
    },
  };
}
