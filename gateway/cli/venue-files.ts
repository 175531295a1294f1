import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CANDLE_HEADER } from '../../models/data/candle-file.ts';
import { csvLines, parseNumber } from '../../models/data/csv-lines.ts';
import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';

/** Candles of one asset at one venue. */
export interface VenueFile {
  readonly file: string;
  readonly venue: string;
  readonly asset: string;
  readonly quote: string;
  readonly kind: 'spot' | 'perp';
  readonly intervalMs: number;
}

/** Last trade that a venue reported by the end of an hour. */
export interface HourClose {
  readonly price: number;
  readonly atMs: UnixMs;
}

const INTERVAL_MS: Readonly<Record<string, number>> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': MS_PER_HOUR,
};
const DOLLARS = ['USDT', 'USDC', 'USD'];
const NAME = /^([a-z0-9]+)_(spot|perp)_([A-Z0-9]+)_(1m|5m|15m|1h)(?:_[A-Za-z0-9]+)?\.csv(?:\.gz)?$/;

function parseName(directory: string, name: string): VenueFile | null {
  const match = NAME.exec(name);
  if (match === null) return null;
  const [, venue, kind, pair, interval] = match as unknown as [string, string, string, string, string];
  const quote = DOLLARS.find((dollar) => pair.endsWith(dollar) && pair.length > dollar.length);
  if (quote === undefined) return null;
  const asset = pair.slice(0, -quote.length);
  const intervalMs = INTERVAL_MS[interval]!;
  return { file: join(directory, name), venue, asset, quote, kind: kind as 'spot' | 'perp', intervalMs };
}

/** Spot before perpetual, dollars before stablecoins, hourly before finer: the same close, read faster. */
const rank = ({ kind, quote, intervalMs }: VenueFile): number =>
  (kind === 'spot' ? 0 : 100) + (quote === 'USD' ? 0 : quote === 'USDT' ? 10 : 20) - intervalMs / MS_PER_HOUR;

/**
 * One candle file per asset and venue of a folder with names of the form venue_kind_PAIR_interval.csv.gz; marks,
 * funding and anything else is not looked at. Assets with fewer venues than `minVenues` are left out.
 * @throws InvalidInputError when the folder cannot be read or holds no such file
 */
export function venueFiles(directory: string, minVenues: number): ReadonlyMap<string, readonly VenueFile[]> {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (error) {
    throw new InvalidInputError('data', `${directory} cannot be read: ${(error as Error).message}`);
  }
  const best = new Map<string, Map<string, VenueFile>>();
  for (const name of names) {
    const found = parseName(directory, name);
    if (found === null) continue;
    const venues = best.get(found.asset) ?? new Map<string, VenueFile>();
    best.set(found.asset, venues);
    const known = venues.get(found.venue);
    if (known === undefined || rank(found) < rank(known)) venues.set(found.venue, found);
  }
  const assets = [...best].filter(([, venues]) => venues.size >= minVenues);
  if (assets.length === 0) {
    throw new InvalidInputError('data', `${directory} holds no asset with candles of ${minVenues} venues`);
  }
  return new Map(assets.map(([asset, venues]) => [asset, [...venues.values()]]));
}

/**
 * Close of the last candle that ended by the end of each hour, by that end. Only time and close are read: some venues
 * leave the volume empty, and nothing here needs it.
 * @throws DataFileError naming file and line
 */
export async function hourCloses(venue: VenueFile): Promise<ReadonlyMap<UnixMs, HourClose>> {
  const { file, intervalMs } = venue;
  const closes = new Map<UnixMs, HourClose>();
  for await (const { line, text } of csvLines(file, CANDLE_HEADER)) {
    const cells = text.split(',');
    const atMs = parseNumber(file, line, 'ts', cells[0]) + intervalMs;
    const price = parseNumber(file, line, 'close', cells[4]);
    const endMs = Math.ceil(atMs / MS_PER_HOUR) * MS_PER_HOUR;
    const known = closes.get(endMs);
    if (known === undefined || known.atMs < atMs) closes.set(endMs, { price, atMs });
  }
  return closes;
}
