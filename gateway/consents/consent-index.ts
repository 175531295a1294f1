import { CONSENTS_CHANNEL, listen } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import { consentedAccounts } from '../../db/queries/consents.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';

/**
 * Which accounts may be in a consent in force, so that nobody else pays for the question. It decides nothing: whoever
 * nets reads the database for those it names, and those that it does not know yet are margined alone.
 */
export interface ConsentIndex {
  has(protocol: string, account: string): boolean;
  /** Reads the tables now. @throws DatabaseUnavailableError */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Wall time between two reads, for tellings that were lost. */
const RELOAD_MS = 10_000;

export function consentIndex({
  database,
  clock,
  logger,
}: {
  readonly database: Database;
  /** Market time. */
  readonly clock: Clock;
  readonly logger: Logger;
}): ConsentIndex {
  /** Until when, by account. */
  let known: ReadonlyMap<string, UnixMs> = new Map();
  let loads = 0;
  let applied = 0;
  const reload = async () => {
    const load = ++loads;
    const found = await consentedAccounts(database.orm);
    if (load < applied) return;
    applied = load;
    const next = new Map<string, UnixMs>();
    for (const { protocol, account, validUntilMs } of found) {
      const key = keyOf(protocol, account);
      next.set(key, Math.max(validUntilMs, next.get(key) ?? 0));
    }
    known = next;
  };
  const quietly = () => {
    reload().catch((error) => logger.warn({ err: error }, 'consents could not be read'));
  };
  const listener = listen({
    url: database.url,
    channels: [CONSENTS_CHANNEL],
    onMessage: quietly,
    onGap: quietly,
    logger,
  });
  const timer = setInterval(quietly, RELOAD_MS);
  return {
    has: (protocol, account) => known.size > 0 && (known.get(keyOf(protocol, account)) ?? 0) > clock.nowMs(),
    reload,
    async close() {
      clearInterval(timer);
      await listener.close();
    },
  };
}

const keyOf = (protocol: string, account: string) => `${protocol}\n${account}`;
