import { and, desc, eq, isNull, lte, or, sql } from 'drizzle-orm';
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

type Row = typeof forecasts.$inferSelect;

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

/** Newest forecast of each horizon of an asset (of every asset when none is given). @throws DatabaseUnavailableError */
export async function latestForecasts(orm: Orm, asset?: string): Promise<readonly StoredForecast[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([forecasts.asset, forecasts.horizonHours])
      .from(forecasts)
      .where(asset === undefined ? sql`true` : eq(forecasts.asset, asset))
      .orderBy(forecasts.asset, forecasts.horizonHours, desc(forecasts.asOf), desc(forecasts.createdAt)),
  );
  return rows.map(fromRow);
}

/**
 * The forecasts that were used at a market time, one per horizon: those made later for an earlier decision time are not
 * among them. @throws DatabaseUnavailableError
 */
export async function forecastsInForce(
  orm: Orm,
  asset: string,
  atMs: UnixMs,
): Promise<readonly StoredForecast[]> {
  const { horizonHours, asOf, inForceFrom, createdAt, model, version } = forecasts;
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([horizonHours])
      .from(forecasts)
      .where(
        and(eq(forecasts.asset, asset), lte(asOf, atMs), or(isNull(inForceFrom), lte(inForceFrom, atMs))),
      )
      .orderBy(horizonHours, desc(asOf), desc(createdAt), desc(model), desc(version)),
  );
  return rows.map(fromRow);
}

/** The forecasts of the last decision time at or before a market time, one per horizon. @throws DatabaseUnavailableError */
export async function forecastsAt(orm: Orm, asset: string, atMs: UnixMs): Promise<readonly StoredForecast[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([forecasts.horizonHours])
      .from(forecasts)
      .where(and(eq(forecasts.asset, asset), lte(forecasts.asOf, atMs)))
      .orderBy(forecasts.horizonHours, desc(forecasts.asOf), desc(forecasts.createdAt)),
  );
  return rows.map(fromRow);
}
