import type { Database } from '../../db/connection.ts';
import { type ListedStatusChange, listStatusChanges } from '../../db/queries/status-changes.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { ForecastsPort, PricesPort } from '../app/ports.ts';
import { alarmDto } from '../schemas/alarm.ts';
import { forecastDto } from '../schemas/forecast.ts';
import { priceDto } from '../schemas/price.ts';
import type { EventsPort, StreamEvent, StreamTopic } from './event.ts';
import { marginEvent } from './publisher.ts';

/** How far back a client may go: less than the outbox is kept (jobs/tasks/retention.ts). */
export const REPLAY_WINDOW_MS = 24 * 3_600_000;
const MAX_CHANGES = 10_000;
/** What was written so long before an id may have been told after it: transactions take time, and clocks of machines differ. */
const OVERLAP_MS = 30_000;

/** Wall milliseconds that an id begins with, whichever gateway gave it (gateway/stream/event-hub.ts). */
const ID = /^(\d{1,15})-[a-z]?\d{1,9}a?$/;

/**
 * Replay for ids that the memory of this process does not know: of another gateway, or from before a restart. Every change of
 * a margin's status since then, in order and at least once, then how things are now: the alarms that bind, the latest
 * forecasts and prices. null when the id is none of ours, or so old that not all is kept.
 */
export function storedReplay(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly prices: PricesPort;
  readonly forecasts: ForecastsPort;
  readonly wallNowMs: () => number;
  /** Changes of status that one answer may hold. */
  readonly maxChanges?: number;
}): EventsPort['replay'] {
  const { database, clock, wallNowMs, maxChanges = MAX_CHANGES } = options;
  return async (protocol, afterId) => {
    const match = ID.exec(afterId);
    if (match === null) return null;
    const sinceMs = Number(match[1]) - OVERLAP_MS;
    const nowMs = wallNowMs();
    if (sinceMs < nowMs - REPLAY_WINDOW_MS || sinceMs > nowMs) return null;
    const limit = maxChanges + 1;
    const changes = await listStatusChanges(database.orm, protocol, { sinceMs, limit });
    if (changes.length > maxChanges) return null;
    // Written before figures were written with them.
    if (changes.some(({ equityWad }) => equityWad === undefined)) return null;
    return [...changes.map(changeEvent), ...stateNow(options, clock.nowMs(), nowMs)];
  };
}

function changeEvent(change: ListedStatusChange, index: number): StreamEvent {
  const { protocol, account, from, to, asOfMs, sequence, equityWad, recordedAtMs } = change;
  const data = marginEvent({
    accountId: account,
    sequence,
    status: to,
    previousStatus: from,
    asOfMs,
    equityWad,
    netInitialWad: equityWad - change.initialWad,
    netMaintenanceWad: equityWad - change.maintenanceWad,
  });
  // Whoever stops here comes back with this time, and is sent what was written around it again.
  const id = `${recordedAtMs}-h${index}`;
  return { id, topic: 'margin', subject: account, protocol, data: JSON.stringify(data) };
}

/** Alarms, forecasts and prices as they are; `nowMs` is market time. */
function stateNow(
  { prices, forecasts }: { readonly prices: PricesPort; readonly forecasts: ForecastsPort },
  nowMs: number,
  wallNowMs: number,
): StreamEvent[] {
  const events: StreamEvent[] = [];
  const add = (topic: StreamTopic, subject: string, data: unknown) =>
    events.push({
      id: `${wallNowMs}-s${events.length}`,
      topic,
      subject,
      protocol: null,
      data: JSON.stringify(data),
    });
  const all = prices.ids().map((feedId) => prices.get(feedId));
  for (const { feedId, asOfMs, alarms = [] } of all) {
    for (const alarm of alarms) {
      add('alarm', feedId, alarmDto({ ...alarm, state: 'raised', atMs: asOfMs }));
    }
  }
  for (const asset of forecasts.assets()) {
    const [first, ...rest] = forecasts.get(asset);
    if (first !== undefined) {
      add('forecast', asset, forecastDto(asset, [first, ...rest], nowMs, forecasts.validForMs));
    }
  }
  for (const price of all) add('price', price.feedId, priceDto(price, nowMs, prices.validForMs));
  return events;
}
