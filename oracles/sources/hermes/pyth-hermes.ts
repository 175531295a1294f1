import type { Clock } from '../../../risk/units/time.ts';
import type { FeedConfig, HermesConfig } from '../../config/feeds.ts';
import type { OracleLogger } from '../../logger.ts';
import type { SourceReport } from '../../quotes/quote.ts';
import { failureReport } from '../source.ts';
import {
  type ConnectionHealth,
  DEFAULT_HERMES_TIMING,
  type HermesConnection,
  type HermesTiming,
  startHermesConnection,
} from './connection.ts';
import { hermesReport, hermesSources, sourcesByPriceId } from './quotes.ts';
import { RetryAfterWatch } from './retry-after.ts';
import {
  type UpdateVerifier,
  type VerifierHealth,
  type VerifierOptions,
  VerifyThread,
} from './verifier/verify-thread.ts';

/** Price ids per stream: their URLs stay below what servers accept. */
const IDS_PER_CONNECTION = 100;
/** Verifying threads that died in a row, until the sources say so: one is replaced before anybody could notice. */
const DEATHS_TO_REPORT = 3;

export interface HermesSourceOptions {
  readonly hermes: HermesConfig;
  /** The key itself, read from `hermes.apiKeyEnv` by the entry point; null where there is none. Never logged. */
  readonly apiKey: string | null;
  readonly feeds: readonly FeedConfig[];
  readonly clock: Clock;
  readonly logger: OracleLogger;
  readonly onReports: (reports: readonly SourceReport[]) => void;
  /** Once per signed update; the error type of a refused one, null for a verified one. */
  readonly onUpdate: (refusal: string | null) => void;
  readonly timing?: Partial<HermesTiming>;
  /** In place of the thread that verifies; ended with the source. */
  readonly verifier?: UpdateVerifier;
  readonly verifierOptions?: Partial<Omit<VerifierOptions, 'signerSets' | 'onDeath'>>;
}

export interface HermesSource {
  /** Why the source is not used at all; null while it is. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  health(): readonly ConnectionHealth[];
  /** Null where nothing is verified because the source is refused. */
  verifierHealth(): VerifierHealth | null;
  stop(): Promise<void>;
}

function refusalOf({ hermes, apiKey }: HermesSourceOptions): HermesSource['refusal'] {
  if (hermes.signerSets.length === 0) {
    const message = 'no signer set is configured, so no update could be verified';
    return { code: 'signer-set-missing', message };
  }
  if (hermes.apiKeyEnv !== null && !apiKey) {
    return { code: 'api-key-missing', message: `the environment variable ${hermes.apiKeyEnv} is not set` };
  }
  return null;
}

/**
 * Pyth prices from Hermes: a stream with catch-up over REST, a watchdog of its own, and every update verified here
 * before it becomes a quote. Without a signer set, or without the key that is configured, it is refused: every one of
 * its sources reports why, and nothing is fetched. A broken stream reports nothing; its quotes grow stale by age.
 */
export function startHermesSource(options: HermesSourceOptions): HermesSource {
  const { hermes, apiKey, feeds, clock, logger, onReports, onUpdate } = options;
  const sources = hermesSources(feeds);
  const refusal = refusalOf(options);
  if (refusal !== null) {
    logger.warn({ code: refusal.code }, `Hermes is not used: ${refusal.message}`);
    onReports(sources.map((entry) => failureReport(entry, refusal.code, refusal.message, clock.nowMs())));
    return { refusal, health: () => [], verifierHealth: () => null, stop: async () => {} };
  }
  const byId = sourcesByPriceId(sources);
  const ids = [...byId.keys()];
  const newest = new Map<string, number>();
  const report = (code: string, message: string) =>
    onReports(sources.map((entry) => failureReport(entry, code, message, clock.nowMs())));
  const verifier =
    options.verifier ??
    new VerifyThread({
      ...options.verifierOptions,
      signerSets: hermes.signerSets,
      onDeath(reason, deaths) {
        logger.warn({ reason, deaths }, 'the thread that verifies Pyth updates is replaced');
        if (deaths < DEATHS_TO_REPORT) return;
        report(
          'verification-unavailable',
          `updates cannot be verified: ${deaths} threads in a row ended, ${reason}`,
        );
      },
    });
  const retryAfter = new RetryAfterWatch(hermes.url);
  const connections: HermesConnection[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_CONNECTION) {
    connections.push(
      startHermesConnection({
        url: hermes.url,
        apiKey,
        ids: ids.slice(start, start + IDS_PER_CONNECTION),
        verifier,
        retryAfter,
        timing: { ...DEFAULT_HERMES_TIMING, ...options.timing },
        logger,
        onUpdate,
        onPrices(prices) {
          const nowMs = clock.nowMs();
          const reports = prices.flatMap((price) => {
            const listening = byId.get(price.priceId);
            // An old update is genuine too: a server that replays one must not turn time back.
            if (listening === undefined || price.publishTimeSeconds < (newest.get(price.priceId) ?? 0))
              return [];
            newest.set(price.priceId, price.publishTimeSeconds);
            return listening.map((entry) => hermesReport(entry, price, nowMs));
          });
          if (reports.length > 0) onReports(reports);
        },
      }),
    );
  }
  return {
    refusal: null,
    health: () => connections.map((connection) => connection.health()),
    verifierHealth: () => verifier.health(),
    async stop() {
      retryAfter.stop();
      // Together: a connection may be waiting for the verifier, which gives up what waits.
      await Promise.all([verifier.stop(), ...connections.map((connection) => connection.stop())]);
    },
  };
}
