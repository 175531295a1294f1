import { z } from 'zod';
import type { Database } from '../../db/connection.ts';
import { rollUpPrices } from '../../db/queries/price-hours.ts';
import {
  deleteDispatched,
  deleteForecasts,
  deleteIdempotencyKeys,
  deletePositionHistory,
  deletePriceSnapshots,
  deleteReservations,
  deleteVenueHistory,
} from '../../db/queries/retention.ts';
import type { Clock } from '../../risk/units/time.ts';
import { defineTask } from '../task.ts';

/** How long things are kept, in days. */
export interface RetentionPolicy {
  /** Robust prices with their evidence; market time. Their hours are kept in short for good. */
  readonly priceSnapshotDays: number;
  /** Market time. */
  readonly forecastDays: number;
  /** Effects that were carried out; wall time. */
  readonly dispatchedDays: number;
  /** After it a repeated key counts as new; wall time. */
  readonly idempotencyKeyDays: number;
}

export const DEFAULT_RETENTION: RetentionPolicy = {
  priceSnapshotDays: 30,
  forecastDays: 730,
  dispatchedDays: 7,
  idempotencyKeyDays: 7,
};

export interface RetentionPorts {
  readonly database: Database;
  /** Market time. */
  readonly clock: Clock;
  /** Over DEFAULT_RETENTION. */
  readonly policy?: Partial<RetentionPolicy>;
  /** Wall time; default the system's. */
  readonly wallClock?: Clock;
}

const DAY_MS = 86_400_000;
/** An hour is rolled up when snapshots of it can no longer come in. */
const LATE_MS = 15 * 60_000;

/** Rolls past hours of prices up and deletes what is older than the policy keeps, in small batches. */
export const retention = defineTask({
  name: 'retention',
  payload: z.strictObject({}),
  timeoutMs: 300_000,
  attempts: 3,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  async run(_payload, ports: RetentionPorts, { signal }) {
    const keep = { ...DEFAULT_RETENTION, ...ports.policy };
    const { orm } = ports.database;
    const market = ports.clock.nowMs();
    const wall = ports.wallClock?.nowMs() ?? Date.now();
    const hours = await rollUpPrices(orm, market - LATE_MS);
    return {
      hours,
      priceSnapshots: await deletePriceSnapshots(orm, market - keep.priceSnapshotDays * DAY_MS, signal),
      // A past margin needs the prices of its moment too.
      positionHistory: await deletePositionHistory(orm, market - keep.priceSnapshotDays * DAY_MS, signal),
      venueHistory: await deleteVenueHistory(orm, market - keep.priceSnapshotDays * DAY_MS, signal),
      // A chain may be out of reach for long, and what was taken there not be seen.
      reservations: await deleteReservations(orm, market - keep.priceSnapshotDays * DAY_MS, signal),
      forecasts: await deleteForecasts(orm, market - keep.forecastDays * DAY_MS, signal),
      dispatched: await deleteDispatched(orm, wall - keep.dispatchedDays * DAY_MS, signal),
      idempotencyKeys: await deleteIdempotencyKeys(orm, wall - keep.idempotencyKeyDays * DAY_MS, signal),
    };
  },
});
