import { basename } from 'node:path';
import { CandleFileNameError } from './errors.ts';
import { ASSETS, type Asset } from './source.ts';

export interface CandleFileName {
  readonly file: string;
  readonly venue: string;
  readonly asset: Asset;
  /** What its prices are quoted in, e.g. USDT; read as USD. */
  readonly quote: string;
  readonly intervalMs: number;
}

const QUOTES = ['USD', 'USDT', 'USDC', 'BUSD', 'FDUSD', 'TUSD', 'DAI'];
const KINDS = ['spot', 'perp', 'mark', 'index'];
const INTERVAL_MS: Readonly<Record<string, number>> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
};

/**
 * Asset and interval from a file name of the form venue_kind_PAIR_interval[_note].csv[.gz], for example
 * binance_spot_ETHUSDT_1h.csv.gz. The pair must split in exactly one way into an asset of the demo and a dollar.
 * @throws CandleFileNameError naming the file.
 */
export function parseCandleFileName(file: string): CandleFileName {
  const refuse = (problem: string) => new CandleFileNameError(file, problem);
  const match = /^([A-Za-z0-9.-]+)_([a-z]+)_([A-Z0-9]+)_([a-z0-9]+)(?:_[A-Za-z0-9-]+)?\.csv(?:\.gz)?$/.exec(
    basename(file),
  );
  if (!match)
    throw refuse('the name must be venue_kind_PAIR_interval.csv.gz, e.g. binance_spot_ETHUSDT_1h.csv.gz');
  const [, venue, kind, pair, interval] = match as unknown as [string, string, string, string, string];
  if (!KINDS.includes(kind))
    throw refuse(`'${kind}' holds no candles that can be replayed; use ${KINDS.join(', ')}`);
  const intervalMs = INTERVAL_MS[interval];
  if (intervalMs === undefined) {
    throw refuse(`interval '${interval}' cannot be replayed; use ${Object.keys(INTERVAL_MS).join(', ')}`);
  }
  const splits = QUOTES.filter((quote) => pair.endsWith(quote) && pair.length > quote.length).map(
    (quote) => ({
      quote,
      base: pair.slice(0, -quote.length),
    }),
  );
  if (splits.length === 0) throw refuse(`'${pair}' is not a pair against a dollar (${QUOTES.join(', ')})`);
  const known = splits.filter(({ base }) => (ASSETS as readonly string[]).includes(base));
  if (known.length > 1) {
    throw refuse(
      `'${pair}' can be read as ${known.map(({ base, quote }) => `${base}/${quote}`).join(' or ')}`,
    );
  }
  const only = known[0];
  if (only === undefined) {
    throw refuse(
      `'${pair}' holds ${splits.map(({ base }) => base).join(' or ')}; the demo has ${ASSETS.join(', ')}`,
    );
  }
  return { file, venue, asset: only.base as Asset, quote: only.quote, intervalMs };
}
