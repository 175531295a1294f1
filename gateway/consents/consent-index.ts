import { CONSENTS_CHANNEL, listen } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import { consentedAccounts } from '../../db/queries/consents.ts';

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
  logger,
}: {
  readonly database: Database;
  readonly logger: Logger;
}): ConsentIndex {
  let known: ReadonlySet<string> = new Set();
  let loads = 0;
  let applied = 0;
  const reload = async () => {
    const load = ++loads;
    const found = await consentedAccounts(database.orm);
    if (load < applied) return;
    applied = load;
    known = new Set(found.map(({ protocol, account }) => keyOf(protocol, account)));
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
    has: (protocol, account) => known.size > 0 && known.has(keyOf(protocol, account)),
    reload,
    async close() {
      clearInterval(timer);
      await listener.close();
    },
  };
}

const keyOf = (protocol: string, account: string) => `${protocol}\n${account}`;
