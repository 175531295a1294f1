import type pg from 'pg';
import { encodeJson } from './json.ts';
import type { Logger } from './logger.ts';

/** How long announcements are gathered. */
const GATHER_MS = 10;

/** Sends notifications beside the transactions, many at a time. */
export interface Announcer {
  announce(channel: string, payload: unknown): void;
  /** Sends what was gathered. */
  flush(): Promise<void>;
}

/**
 * PostgreSQL lets only one transaction at a time commit a NOTIFY, so one in every write would make the writes wait for
 * each other's disk. What is announced here is sent by transactions of its own; it may be lost when the process dies in
 * between, so whoever must know reads the outbox.
 */
export function createAnnouncer(pool: pg.Pool, logger: Logger): Announcer {
  let gathered: { channel: string; payload: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();

  const send = async (): Promise<void> => {
    const batch = gathered;
    gathered = [];
    if (batch.length === 0) return;
    const statement = `select pg_notify(channel, payload) from jsonb_to_recordset($1::jsonb) as x(channel text, payload text)`;
    await pool.query(statement, [JSON.stringify(batch)]).catch((error) => {
      logger.warn({ err: error, lost: batch.length }, 'notifications could not be sent');
    });
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(send);
    return sending;
  };
  return {
    announce(channel, payload) {
      gathered.push({ channel, payload: JSON.stringify(encodeJson(payload)) });
      timer ??= setTimeout(flush, GATHER_MS);
    },
    flush,
  };
}
