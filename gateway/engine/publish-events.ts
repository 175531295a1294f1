import type { Logger } from 'pino';
import { type Listener, listen, MARGIN_CHANNEL } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import { getMarginStatus } from '../../db/queries/margin-statuses.ts';
import type { MarginResult, MarginStatus } from '../../risk/modules/module.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { ForecastsPort, PricesPort } from '../app/ports.ts';
import type { EventsPort } from '../stream/event.ts';
import { EventHub } from '../stream/event-hub.ts';
import { type MarginChange, StreamPublisher } from '../stream/publisher.ts';
import { storedReplay } from '../stream/stored-replay.ts';

/** Events kept for clients that come back: some minutes of prices. */
const WINDOW = 10_000;
/** Wall time between two looks for prices and forecasts that changed, staleness included. */
const LOOK_MS = 500;

/** Payload of a notification on MARGIN_CHANNEL. */
interface StatusChange {
  readonly protocol: string;
  readonly account: string;
  readonly previous: MarginStatus | null;
}

export interface LiveEvents {
  /** Events of this process; what it does not remember, from the database. */
  readonly hub: EventsPort;
  /** Tells of a status that this process has seen to change. */
  readonly marginChanged: (change: MarginChange) => void;
  close(): Promise<void>;
}

/**
 * Feeds the event stream of this process: prices, alarms of guards and forecasts from memory, margin changes as sweeps (of any process)
 * announce them through the database.
 */
export function publishEvents(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly prices: PricesPort;
  readonly forecasts: ForecastsPort;
  readonly logger: Logger;
}): LiveEvents {
  const { database, clock, prices, forecasts, logger } = options;
  const hub = new EventHub({ window: WINDOW, nowMs: Date.now });
  const publisher = new StreamPublisher({ publish: (event) => hub.publish(event), prices, forecasts });
  const leave = prices.onAlarm?.((event) => {
    const { feedId: feed, guard, subject, measure, state, message } = event;
    logger[state === 'raised' ? 'warn' : 'info'](
      { feed, guard, subject, ...measure },
      `${state}: ${message}`,
    );
    publisher.alarmChanged(event);
  });
  const timer = setInterval(() => {
    const nowMs = clock.nowMs();
    publisher.pricesMoved(nowMs);
    publisher.forecastsRefreshed(nowMs);
  }, LOOK_MS);

  const tell = async ({ protocol, account, previous }: StatusChange): Promise<void> => {
    const stored = await getMarginStatus(database.orm, protocol, account);
    if (stored === null) return;
    publisher.marginChanged({
      protocol,
      accountId: account,
      sequence: stored.sequence,
      previousStatus: previous,
      asOfMs: stored.asOfMs,
      result: stored.body as MarginResult,
    });
  };
  const listener: Listener = listen({
    url: database.url,
    channels: [MARGIN_CHANNEL],
    onMessage: (_, payload) => {
      tell(payload as StatusChange).catch((error) =>
        logger.warn({ err: error }, 'a margin change was not told'),
      );
    },
    onGap: () => logger.debug('listening for margin changes'),
    logger,
  });
  const stored = storedReplay({ database, clock, prices, forecasts, wallNowMs: Date.now });
  return {
    hub: {
      replay: (protocol, afterId) => hub.replay(protocol, afterId) ?? stored(protocol, afterId),
      subscribe: (protocol, listener) => hub.subscribe(protocol, listener),
    },
    marginChanged: (change) => publisher.marginChanged(change),
    async close() {
      clearInterval(timer);
      leave?.();
      await listener.close();
    },
  };
}
