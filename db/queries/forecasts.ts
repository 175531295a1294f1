import { and, desc, eq, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { forecasts } from '../schema/forecasts.ts';

/** A forecast as stored. `body` is the VolatilityForecast of models/forecast.ts; storage does not look inside. */
export interface StoredForecast {
  readonly asset: string;
  readonly horizonHours: number;
  readonly asOfMs: UnixMs;
  readonly model: string;
  readonly version: string;
  readonly body: unknown;
}

type Row = Omit<typeof forecasts.$inferSelect, 'createdAt' | 'inForceFrom'>;

function fromRow({ asset, horizonHours, asOf, model, version, body }: Row): StoredForecast {
  return { asset, horizonHours, asOfMs: asOf, model, version, body };
}

/**
 * Stores forecasts; one that exists for its asset, horizon, decision time, model and version stays as it is.
 * `inForceFromMs` is the market time from which they are used; null = their decision time.
 * @returns how many were new. @throws DatabaseUnavailableError, NotStorableError
 */
export async function insertForecasts(
  orm: Orm,
  rows: readonly StoredForecast[],
  nowMs: UnixMs = Date.now(),
  inForceFromMs: UnixMs | null = null,
): Promise<number> {
  if (rows.length === 0) return 0;
  const written = await withDatabaseErrors(() =>
    orm
      .insert(forecasts)
      .values(
        rows.map(({ asOfMs, ...row }) => ({
          ...row,
          asOf: asOfMs,
          createdAt: nowMs,
          inForceFrom: inForceFromMs,
        })),
      )
      .onConflictDoNothing()
      .returning({ asset: forecasts.asset }),
  );
  return written.length;
}

const { horizonHours, asOf, inForceFrom, createdAt, model, version } = forecasts;

/**
 * The newest forecast of an asset that fits `condition`, per horizon. Steps from one horizon to the next in the primary
 * key and reads the end of each, so that the cost grows with the answer and not with the history.
 */
async function newest(
  orm: Orm,
  asset: string,
  condition?: SQL,
  ...tie: readonly SQL[]
): Promise<readonly StoredForecast[]> {
  const horizons = sql`(
    with recursive step as (
      select min(horizon_hours) as horizon_hours from forecasts where asset = ${asset}
      union all
      select (select min(f.horizon_hours) from forecasts f
        where f.asset = ${asset} and f.horizon_hours > step.horizon_hours)
      from step where step.horizon_hours is not null
    )
    select horizon_hours from step where horizon_hours is not null
  ) horizons`;
  const last = orm
    .select()
    .from(forecasts)
    .where(and(eq(forecasts.asset, asset), sql`${horizonHours} = horizons.horizon_hours`, condition))
    .orderBy(desc(asOf), desc(createdAt), ...tie)
    .limit(1)
    .as('last');
  const picked = {
    asset: last.asset,
    horizonHours: last.horizonHours,
    asOf: last.asOf,
    model: last.model,
    version: last.version,
    body: last.body,
  };
  const rows = await withDatabaseErrors(() =>
    orm.select(picked).from(horizons).crossJoinLateral(last).orderBy(last.horizonHours),
  );
  return rows.map(fromRow);
}

/** Newest forecast of each horizon of an asset. @throws DatabaseUnavailableError */
export function latestForecasts(orm: Orm, asset: string): Promise<readonly StoredForecast[]> {
  return newest(orm, asset);
}

/**
 * The forecasts that were used at a market time, one per horizon: those made later for an earlier decision time are not
 * among them. @throws DatabaseUnavailableError
 */
export function forecastsInForce(orm: Orm, asset: string, atMs: UnixMs): Promise<readonly StoredForecast[]> {
  const used = and(lte(asOf, atMs), or(isNull(inForceFrom), lte(inForceFrom, atMs)));
  return newest(orm, asset, used, desc(model), desc(version));
}

/** The forecasts of the last decision time at or before a market time, one per horizon. @throws DatabaseUnavailableError */
export function forecastsAt(orm: Orm, asset: string, atMs: UnixMs): Promise<readonly StoredForecast[]> {
  return newest(orm, asset, lte(asOf, atMs));
}
