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

/** Price ids per stream: their URLs stay below what servers accept. */
const IDS_PER_CONNECTION = 100;

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
}

export interface HermesSource {
  /** Why the source is not used at all; null while it is. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  health(): readonly ConnectionHealth[];
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
    return { refusal, health: () => [], stop: async () => {} };
  }
  const byId = sourcesByPriceId(sources);
  const ids = [...byId.keys()];
  const newest = new Map<string, number>();
  const connections: HermesConnection[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_CONNECTION) {
    connections.push(
      startHermesConnection({
        url: hermes.url,
        apiKey,
        ids: ids.slice(start, start + IDS_PER_CONNECTION),
        signerSets: hermes.signerSets,
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
    async stop() {
      await Promise.all(connections.map((connection) => connection.stop()));
    },
  };
}
