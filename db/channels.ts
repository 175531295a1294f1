import { sql } from 'drizzle-orm';
import pg from 'pg';
import type { Orm } from './connection.ts';
import { decodeJson, encodeJson } from './json.ts';
import { type Logger, silentLogger } from './logger.ts';

/** Payload: { protocol, account, sequence } of an account whose positions changed. Announced (best effort). */
export const POSITIONS_CHANNEL = 'breakwater_positions';
/**
 * Payload: { asset, asOfMs } of an asset whose forecasts and buffer schedules were stored, or { asset, backfilled: true }
 * when older candles were.
 */
export const FORECASTS_CHANNEL = 'breakwater_forecasts';
/** Payload: { protocol, market } of a market whose venue data were stored. Announced (best effort): it has an age of its own. */
export const VENUE_DATA_CHANNEL = 'breakwater_venue_data';
/**
 * Payload: { chain, venue, account } of a book on chain that was read and is another than before, or { chain } of one that
 * was found cut off, or whole again. Announced (best effort).
 */
export const VENUE_BOOKS_CHANNEL = 'breakwater_venue_books';
/** Payload: { horizonHours } of a series of factor returns that grew. */
export const FACTOR_RETURNS_CHANNEL = 'breakwater_factor_returns';
/** Payload: { protocol, account, status, previous } of an account whose margin status changed; previous may be null. Announced (best effort). */
export const MARGIN_CHANNEL = 'breakwater_margin';

/** Payload: { id } or { protocol } of an API key or a quota that changed; read the tables. Notified. */
export const KEYS_CHANNEL = 'breakwater_keys';
/** Payload: { protocol } of one whose module, parameters or frozen markets changed; read the tables. Notified. */
export const GOVERNANCE_CHANNEL = 'breakwater_governance';
/** Payload: { id } of a consent that came into force or ended; read the tables. Notified. */
export const CONSENTS_CHANNEL = 'breakwater_consents';

/**
 * Tells every listener, when (and only if) the transaction commits. Keep payloads to keys: 8000 bytes at most. Not for
 * frequent writes: only one transaction at a time can commit a notification (see db/announcer.ts).
 */
export async function notify(orm: Orm, channel: string, payload: unknown): Promise<void> {
  await orm.execute(sql`select pg_notify(${channel}, ${JSON.stringify(encodeJson(payload))})`);
}

export interface Listener {
  close(): Promise<void>;
}

/**
 * Subscribes to channels on a connection of its own and connects again whenever it breaks. Notifications sent
 * while it was broken are lost: `onGap` is called after every (re)connect, and the caller reads its state from the
 * tables there.
 */
export function listen(options: {
  readonly url: string;
  readonly channels: readonly string[];
  readonly onMessage: (channel: string, payload: unknown) => void;
  readonly onGap: () => void;
  readonly logger?: Logger;
  /** Wait before connecting again. Default 500 ms. */
  readonly retryMs?: number;
  /** How often the connection is tried. Default 10 s. */
  readonly pulseMs?: number;
}): Listener {
  const logger = options.logger ?? silentLogger;
  const pulseMs = options.pulseMs ?? 10_000;
  let client: pg.Client | null = null;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const subscribe = async (next: pg.Client): Promise<void> => {
    await next.connect();
    for (const channel of options.channels) await next.query(`listen ${next.escapeIdentifier(channel)}`);
    if (closed) return;
    options.onGap();
    // A connection that was cut without a word would stay silent for ever.
    const pulse = setInterval(() => next.query('select 1').catch(() => giveUp(next)), pulseMs);
    next.once('end', () => clearInterval(pulse));
  };
  /** Only the first to notice that the present connection is broken plans the next one. */
  const giveUp = (broken: pg.Client): void => {
    broken.end().catch(() => undefined);
    if (closed || client !== broken) return;
    client = null;
    timer = setTimeout(attempt, options.retryMs ?? 500);
  };
  const attempt = (): void => {
    const next = new pg.Client({
      connectionString: options.url,
      application_name: 'breakwater-listen',
      connectionTimeoutMillis: 5_000,
      query_timeout: Math.min(5_000, pulseMs),
    });
    client = next;
    next.on('error', (error) => logger.warn({ err: error }, 'the notification connection broke'));
    next.on('end', () => giveUp(next));
    next.on('notification', ({ channel, payload }) => {
      try {
        options.onMessage(channel, decodeJson(JSON.parse(payload ?? 'null')));
      } catch (error) {
        logger.error({ err: error, channel }, 'a notification could not be handled');
      }
    });
    subscribe(next).catch((error) => {
      logger.warn({ err: error }, 'cannot listen for notifications');
      giveUp(next);
    });
  };
  attempt();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
