import type { AnyMarket, FutureMarket, OptionMarket, Settlement } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { wadFromDecimal, wadToDecimal } from '../../risk/units/wad.ts';

/** Options and dated futures on one asset: all settle at the same index, at `SETTLEMENT_HOUR_UTC` of their day. */
export interface OptionSeries {
  /** Market id under which a venue pushes their data, e.g. `BTC-OPTIONS`. */
  readonly id: string;
  readonly asset: string;
  /** Feed of the index. */
  readonly feedId: string;
  /** What they pay in. */
  readonly settlement: Settlement;
}

/** Options settle at this hour of their day, the habit of the large venues. */
export const SETTLEMENT_HOUR_UTC = 8;

/** What an option instrument is. */
export interface Instrument {
  readonly underlying: string;
  readonly expiryMs: UnixMs;
  /** Plain decimal in canonical form, e.g. `60000` or `0.85`. */
  readonly strike: string;
  readonly type: 'call' | 'put';
}

const NAME = /^([A-Z0-9]{1,16})-(\d{4})(\d{2})(\d{2})-(\d{1,18}(?:\.\d{1,8})?)-([CP])$/;

/** `BTC-20260327-60000-C`: asset, day of expiry (UTC), strike, call or put. */
export function instrumentName({ underlying, expiryMs, strike, type }: Instrument): string {
  const day = new Date(expiryMs).toISOString().slice(0, 10).replaceAll('-', '');
  return `${underlying}-${day}-${strike}-${type === 'call' ? 'C' : 'P'}`;
}

/** Null for what is not the canonical name of an instrument: a day that does not exist, `060000`, `60000.0`. */
export function parseInstrument(name: string): Instrument | null {
  const match = NAME.exec(name);
  if (match === null) return null;
  const [, underlying, year, month, day, strike, side] = match as unknown as [string, ...string[]];
  const expiryMs = Date.UTC(Number(year), Number(month) - 1, Number(day), SETTLEMENT_HOUR_UTC);
  const type = side === 'C' ? 'call' : 'put';
  const instrument: Instrument = { underlying: underlying!, expiryMs, strike: strike!, type };
  const canonical = { ...instrument, strike: wadToDecimal(wadFromDecimal(strike!)) };
  return canonical.strike !== '0' && instrumentName(canonical) === name ? instrument : null;
}

const FUTURE = /^([A-Z0-9]{1,16})-(\d{4})(\d{2})(\d{2})$/;

/** Expiry of a dated future by its name, `BTC-20260327`; null for what is not one. */
export function parseFuture(name: string): { readonly underlying: string; readonly expiryMs: UnixMs } | null {
  const match = FUTURE.exec(name);
  if (match === null) return null;
  const [, underlying, year, month, day] = match as unknown as [string, ...string[]];
  const expiryMs = Date.UTC(Number(year), Number(month) - 1, Number(day), SETTLEMENT_HOUR_UTC);
  const same = new Date(expiryMs).toISOString().slice(0, 10) === `${year}-${month}-${day}`;
  return same ? { underlying: underlying!, expiryMs } : null;
}

/** Every market that may be held: fixed ones, and whatever option or future of an asset that has a series. */
export class Listing {
  readonly fixed: ReadonlyMap<string, AnyMarket>;
  readonly series: ReadonlyMap<string, OptionSeries>;
  readonly #byAsset: ReadonlyMap<string, OptionSeries>;

  constructor(fixed: ReadonlyMap<string, AnyMarket>, series: readonly OptionSeries[]) {
    this.fixed = fixed;
    this.series = new Map(series.map((one) => [one.id, one]));
    this.#byAsset = new Map(series.map((one) => [one.asset, one]));
  }

  /** The option or dated future of that name; null when it is neither, or its asset has no series. */
  instrument(name: string): OptionMarket | FutureMarket | null {
    const option = parseInstrument(name);
    const parsed = option ?? parseFuture(name);
    const series = parsed === null ? undefined : this.#byAsset.get(parsed.underlying);
    if (parsed === null || series === undefined) return null;
    const { asset, feedId, settlement } = series;
    const common = { id: name, asset, feedId, settlement, expiryMs: parsed.expiryMs };
    if (option === null) return { kind: 'future', ...common };
    const { strike, type } = option;
    return { kind: 'option', ...common, strikeWad: wadFromDecimal(strike), isCall: type === 'call' };
  }

  seriesOf(asset: string): OptionSeries | null {
    return this.#byAsset.get(asset) ?? null;
  }

  market(id: string): AnyMarket | null {
    return this.fixed.get(id) ?? this.instrument(id);
  }

  /** The fixed markets, and the options and futures that these books hold. */
  marketsOf(...portfolios: readonly AnyPortfolio[]): ReadonlyMap<string, AnyMarket> {
    const dated = new Map<string, AnyMarket>();
    for (const { positions } of portfolios) {
      for (const position of positions) {
        if (position.kind !== 'option' && position.kind !== 'future') continue;
        if (dated.has(position.market)) continue;
        const market = this.instrument(position.market);
        if (market !== null) dated.set(market.id, market);
      }
    }
    return dated.size === 0 ? this.fixed : new Map([...this.fixed, ...dated]);
  }
}
