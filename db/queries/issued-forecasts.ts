import { and, asc, desc, eq, gte, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { forecasts } from '../schema/forecasts.ts';

/** What a curve of issued forecasts shows of one. `quantiles` as in the stored body. */
export interface IssuedForecast {
  readonly asset: string;
  readonly asOfMs: UnixMs;
  readonly quantiles: readonly { readonly p: number; readonly variance: number }[];
  readonly highVolatilityProbability: number | null;
  readonly onsetProbability: number | null;
}

const { asset, asOf, horizonHours, createdAt, inForceFrom, model, version, body } = forecasts;

/**
 * One forecast per asset and decision time in a span (both ends in it) at one horizon, as it was last used by the end of
 * the span; by asset, oldest first. @throws DatabaseUnavailableError
 */
export async function issuedForecasts(
  orm: Orm,
  ask: {
    readonly assets: readonly string[];
    readonly horizonHours: number;
    readonly fromMs: UnixMs;
    readonly toMs: UnixMs;
  },
): Promise<readonly IssuedForecast[]> {
  if (ask.assets.length === 0) return [];
  const part = <T>(name: string) => sql<T>`${body}->${sql.raw(`'${name}'`)}`;
  return withDatabaseErrors(() =>
    orm
      .selectDistinctOn([asset, asOf], {
        asset,
        asOfMs: asOf,
        quantiles: part<IssuedForecast['quantiles']>('quantiles'),
        highVolatilityProbability: part<number | null>('highVolatilityProbability'),
        onsetProbability: part<number | null>('onsetProbability'),
      })
      .from(forecasts)
      .where(
        and(
          inArray(asset, [...ask.assets]),
          eq(horizonHours, ask.horizonHours),
          gte(asOf, ask.fromMs),
          lte(asOf, ask.toMs),
          or(isNull(inForceFrom), lte(inForceFrom, ask.toMs)),
        ),
      )
      .orderBy(asc(asset), asc(asOf), desc(createdAt), desc(model), desc(version)),
  );
}
