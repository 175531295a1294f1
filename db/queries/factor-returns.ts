import { and, asc, desc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { factorReturns } from '../schema/factor-returns.ts';
import { forecasts } from '../schema/forecasts.ts';

/** What was forecast at a time, and what then came; null until the horizon has passed. */
export interface StoredFactorReturn {
  readonly asset: string;
  readonly horizonHours: number;
  /** Decision time of the forecast: the horizon begins. */
  readonly asOfMs: UnixMs;
  /** Variance over the horizon at each level (probability), ascending. */
  readonly levels: readonly number[];
  readonly variances: readonly number[];
  readonly model: string;
  readonly version: string;
  readonly logReturn: number | null;
}

/** Decision time of the newest row; null when there is none. @throws DatabaseUnavailableError */
export async function newestFactorReturn(
  orm: Orm,
  asset: string,
  horizonHours: number,
): Promise<UnixMs | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ asOf: factorReturns.asOf })
      .from(factorReturns)
      .where(and(eq(factorReturns.asset, asset), eq(factorReturns.horizonHours, horizonHours)))
      .orderBy(desc(factorReturns.asOf))
      .limit(1),
  );
  return rows[0]?.asOf ?? null;
}

/** Inserts rows, 1000 per statement; those that are there stay as they are. @returns how many were new */
export async function insertFactorReturns(
  orm: Orm,
  rows: readonly Omit<StoredFactorReturn, 'logReturn'>[],
): Promise<number> {
  let written = 0;
  for (let start = 0; start < rows.length; start += 1_000) {
    const values = rows.slice(start, start + 1_000).map(({ asOfMs, levels, variances, ...row }) => ({
      ...row,
      asOf: asOfMs,
      levels: [...levels],
      variances: [...variances],
    }));
    const done = await withDatabaseErrors(() =>
      orm.insert(factorReturns).values(values).onConflictDoNothing().returning({ asOf: factorReturns.asOf }),
    );
    written += done.length;
  }
  return written;
}

/**
 * Bodies of the forecasts decided after a time, one per decision time (the last stored), ascending.
 * @throws DatabaseUnavailableError
 */
export async function forecastsAfter(
  orm: Orm,
  asset: string,
  horizonHours: number,
  afterMs: UnixMs,
): Promise<readonly unknown[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([forecasts.asOf], { body: forecasts.body })
      .from(forecasts)
      .where(
        and(
          eq(forecasts.asset, asset),
          eq(forecasts.horizonHours, horizonHours),
          gt(forecasts.asOf, afterMs),
        ),
      )
      .orderBy(asc(forecasts.asOf), desc(forecasts.createdAt)),
  );
  return rows.map(({ body }) => body);
}

/** Fills in the returns whose horizon has passed, from the candles. @returns how many. @throws DatabaseUnavailableError */
export async function completeFactorReturns(orm: Orm): Promise<number> {
  const done = await withDatabaseErrors(() =>
    orm.execute(sql`
      update factor_returns f set log_return = ln(b.close / a.close)
      from candles a, candles b
      where f.log_return is null and a.close > 0 and b.close > 0
        and a.asset = f.asset and a.ts = f.as_of - interval '1 hour'
        and b.asset = f.asset and b.ts = f.as_of + (f.horizon_hours - 1) * interval '1 hour'`),
  );
  return done.rowCount ?? 0;
}

/** Complete rows of a horizon, ascending by decision time. @throws DatabaseUnavailableError */
export async function loadFactorReturns(
  orm: Orm,
  horizonHours: number,
): Promise<readonly (StoredFactorReturn & { readonly logReturn: number })[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(factorReturns)
      .where(and(eq(factorReturns.horizonHours, horizonHours), isNotNull(factorReturns.logReturn)))
      .orderBy(asc(factorReturns.asOf)),
  );
  return rows.map(({ asOf, logReturn, ...row }) => ({ ...row, asOfMs: asOf, logReturn: logReturn! }));
}
