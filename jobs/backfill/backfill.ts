import { FORECASTS_CHANNEL, notify } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import { candleGaps } from '../../db/queries/candle-gaps.ts';
import { upsertCandles } from '../../db/queries/candles.ts';
import { insertFunding, lastFunding } from '../../db/queries/funding.ts';
import type { CandleSource, FundingSource } from '../../models/data/sources/history-source.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';

export interface CandleBackfill {
  readonly database: Database;
  readonly asset: string;
  readonly source: CandleSource;
  readonly symbol: string;
  /** Hours that open in [fromMs, toMs); toMs must not lie after the last full hour. */
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly signal: AbortSignal;
  /** Hears of every answer stored. */
  readonly onProgress?: (progress: BackfillProgress) => void;
}

export interface BackfillProgress {
  /** Hours asked for so far, of all that were missing at the start. */
  readonly doneHours: number;
  readonly totalHours: number;
}

export interface CandleBackfillResult {
  /** Hours that were missing before. */
  readonly missing: number;
  readonly stored: number;
  /** Hours that the source does not have: they stay missing. */
  readonly absent: number;
  /** Of these, bars that were given but not believed. */
  readonly malformed: number;
  readonly contradictory: number;
}

/**
 * Fills the hours that the database misses from a source, request by request, each stored at once: a run that was cut off is resumed
 * by running it again, which asks only for what is still missing. Where the source has volume, bars without are replaced.
 * @throws HistorySourceError, DatabaseUnavailableError
 */
export async function backfillCandles(options: CandleBackfill): Promise<CandleBackfillResult> {
  const { database, asset, source, symbol, signal, onProgress } = options;
  const gaps = await candleGaps(database.orm, asset, options, source.hasVolume);
  const totalHours = gaps.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / MS_PER_HOUR, 0);
  const counts = { stored: 0, malformed: 0, contradictory: 0 };
  let doneHours = 0;
  try {
    for (const gap of gaps) {
      const step = source.hoursPerRequest * MS_PER_HOUR;
      for (let fromMs = gap.fromMs; fromMs < gap.toMs; fromMs += step) {
        signal.throwIfAborted();
        const toMs = Math.min(gap.toMs, fromMs + step);
        const { bars, leftOut } = await source.candles(symbol, fromMs, toMs, signal);
        await upsertCandles(database.orm, asset, bars);
        counts.stored += bars.length;
        counts.malformed += leftOut.malformed;
        counts.contradictory += leftOut.contradictory;
        doneHours += (toMs - fromMs) / MS_PER_HOUR;
        onProgress?.({ doneHours, totalHours });
      }
    }
  } finally {
    // What was stored before a failure is there and must be read.
    if (counts.stored > 0) await notify(database.orm, FORECASTS_CHANNEL, { asset, backfilled: true });
  }
  return { missing: totalHours, ...counts, absent: totalHours - counts.stored };
}

/** Stores the payments of a coin after the last known one. @returns how many were new. @throws HistorySourceError */
export async function backfillFunding(options: {
  readonly database: Database;
  readonly coin: string;
  readonly source: FundingSource;
  readonly symbol: string;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { database, coin, source, symbol, toMs, signal } = options;
  const known = await lastFunding(database.orm, coin);
  let fromMs = known === null ? options.fromMs : Math.max(options.fromMs, known.tsMs + 1);
  let stored = 0;
  while (fromMs < toMs) {
    signal.throwIfAborted();
    const payments = await source.funding(symbol, fromMs, toMs, signal);
    const last = payments.at(-1);
    if (last === undefined) break;
    stored += await insertFunding(database.orm, coin, payments);
    fromMs = last.tsMs + 1;
  }
  return stored;
}
