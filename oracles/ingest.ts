import type { Clock } from '../risk/units/time.ts';
import type { PriceBook } from './book/price-book.ts';
import type { FeedConfig, HermesConfig } from './config/feeds.ts';
import type { OracleLogger } from './logger.ts';
import { type PollLoop, startPollLoop } from './poll-loop.ts';
import type { SourceReport } from './quotes/quote.ts';
import { createChainRound, sourcesOfChain } from './sources/chain-round.ts';
import type { ConnectionHealth, HermesTiming } from './sources/hermes/connection.ts';
import { startHermesSource } from './sources/hermes/pyth-hermes.ts';
import type { UpdateVerifier, VerifierHealth } from './sources/hermes/verifier/verify-thread.ts';
import type { ChainReader } from './sources/ports.ts';

/** What ingestion needs to know of a chain; a `ChainDefinition` has these fields. */
export interface IngestChain {
  readonly id: string;
  readonly sequencerUptimeFeed: `0x${string}` | null;
  readonly sequencerGraceSeconds: number;
}

export interface IngestOptions {
  readonly feeds: readonly FeedConfig[];
  /** Null in a deployment that uses on-chain sources only. */
  readonly hermes: HermesConfig | null;
  /** Value of the variable named by `hermes.apiKeyEnv`. */
  readonly hermesApiKey?: string | null;
  /** One reader per chain id that a feed names. */
  readonly readers: ReadonlyMap<string, ChainReader>;
  readonly chains: readonly IngestChain[];
  readonly book: PriceBook;
  readonly clock: Clock;
  readonly logger: OracleLogger;
  /** Wall-time between the starts of two rounds of one chain. */
  readonly pollIntervalMs: number;
  /** Longest wall-time wait after failures in a row; 16 intervals by default, at most 30 s. */
  readonly maxBackoffMs?: number;
  readonly hermesTiming?: Partial<HermesTiming>;
  /** In place of the thread that verifies Hermes updates. */
  readonly verifier?: UpdateVerifier;
}

export interface ChainHealth {
  readonly chain: string;
  readonly rounds: number;
  readonly failuresInRow: number;
  readonly lastBlockNumber: bigint | null;
  readonly lastError: string | null;
}

export interface IngestHealth {
  readonly hermes: {
    readonly refusal: { readonly code: string; readonly message: string } | null;
    readonly connections: readonly ConnectionHealth[];
    readonly verifier: VerifierHealth | null;
  } | null;
  readonly chains: readonly ChainHealth[];
}

export interface Ingest {
  stop(): Promise<void>;
  health(): IngestHealth;
}

interface ChainLoop {
  readonly loop: PollLoop;
  readonly health: () => ChainHealth;
}

function startChain(chain: IngestChain, options: IngestOptions, put: Put): ChainLoop | null {
  const reader = options.readers.get(chain.id);
  if (reader === undefined || sourcesOfChain(options.feeds, chain.id).length === 0) return null;
  const { feeds, clock, logger, pollIntervalMs } = options;
  const { sequencerUptimeFeed: uptimeFeed, sequencerGraceSeconds: graceSeconds } = chain;
  const sequencer = uptimeFeed === null ? null : { uptimeFeed, graceSeconds };
  const chainRound = createChainRound({ reader, feeds, sequencer, clock });
  let rounds = 0;
  let lastBlockNumber: bigint | null = null;
  let lastError: string | null = null;
  const loop = startPollLoop({
    intervalMs: pollIntervalMs,
    maxBackoffMs: options.maxBackoffMs ?? Math.min(30_000, 16 * pollIntervalMs),
    async round() {
      const { reports, blockNumber, unavailable, reorganised } = await chainRound.run();
      rounds += 1;
      lastBlockNumber = blockNumber ?? lastBlockNumber;
      if (unavailable !== null && lastError === null) {
        logger.warn({ chain: chain.id, reason: unavailable }, 'chain unavailable');
      }
      if (unavailable === null && lastError !== null) logger.info({ chain: chain.id }, 'chain is back');
      lastError = unavailable;
      if (reorganised) {
        logger.warn({ chain: chain.id, block: String(blockNumber) }, 'chain was reorganised');
        options.book.forgetBlocks(chain.id);
      }
      put(reports);
      return unavailable === null;
    },
    onError: (error) => logger.warn({ chain: chain.id, error: String(error) }, 'round failed'),
  });
  return {
    loop,
    health: () => ({
      chain: chain.id,
      rounds,
      failuresInRow: loop.failuresInRow,
      lastBlockNumber,
      lastError,
    }),
  };
}

type Put = (reports: readonly SourceReport[]) => void;

/**
 * Keeps the book fed: the Hermes stream, and one poll loop per chain that has a reader and a source. Nothing thrown by
 * a source, a chain or a listener of the book ends it; `stop()` ends everything it started.
 */
export function startIngest(options: IngestOptions): Ingest {
  const { book, clock, feeds, hermes, logger } = options;
  const put: Put = (reports) => {
    try {
      book.ingest(reports);
    } catch (error) {
      logger.warn({ error: String(error) }, 'a listener of the price book failed');
    }
  };
  const source =
    hermes === null
      ? null
      : startHermesSource({
          hermes,
          apiKey: options.hermesApiKey ?? null,
          feeds,
          clock,
          logger,
          onReports: put,
          onUpdate: (refusal) => book.countUpdate(refusal),
          ...(options.hermesTiming === undefined ? {} : { timing: options.hermesTiming }),
          ...(options.verifier === undefined ? {} : { verifier: options.verifier }),
        });
  const chains = options.chains.flatMap((chain) => startChain(chain, options, put) ?? []);
  return {
    health: () => ({
      hermes: source && {
        refusal: source.refusal,
        connections: source.health(),
        verifier: source.verifierHealth(),
      },
      chains: chains.map(({ health }) => health()),
    }),
    async stop() {
      await Promise.all([source?.stop(), ...chains.map(({ loop }) => loop.stop())]);
    },
  };
}
