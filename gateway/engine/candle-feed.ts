import type { HourlyBar } from '../../models/forecast.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import { wadToFloat } from '../../risk/units/wad.ts';
import { BarBuilder } from './bar-builder.ts';

/** Closed bars are kept in memory this long; by then a forecast refresh has stored them. */
const KEEP_MS = 72 * MS_PER_HOUR;

/**
 * Hourly candles of each asset: a history to start from, and from then on bars built from robust prices that were
 * usable for margin.
 */
export class CandleFeed {
  readonly #history: ReadonlyMap<string, readonly HourlyBar[]>;
  readonly #builders = new Map<string, BarBuilder>();
  readonly #closed = new Map<string, HourlyBar[]>();

  constructor(assets: readonly string[], history: ReadonlyMap<string, readonly HourlyBar[]>) {
    this.#history = history;
    for (const asset of assets) {
      this.#builders.set(asset, new BarBuilder());
      this.#closed.set(asset, []);
    }
  }

  /** Takes one robust price of the asset. */
  observe(asset: string, price: RobustPrice): void {
    const builder = this.#builders.get(asset);
    if (builder === undefined || price.market === null || !price.verdicts.margin.usable) return;
    const bar = builder.add(price.asOfMs, wadToFloat(price.market.priceWad));
    if (bar === null) return;
    const closed = this.#closed.get(asset)!;
    closed.push(bar);
    while (closed[0]!.tsMs < bar.tsMs - KEEP_MS) closed.shift();
  }

  /** Complete bars that open at or after `fromMs`; with null the whole history. */
  newBars(asset: string, fromMs: UnixMs | null): readonly HourlyBar[] {
    const history = this.#history.get(asset) ?? [];
    const closed = this.#closed.get(asset) ?? [];
    const lastHistoric = history.at(-1)?.tsMs ?? Number.NEGATIVE_INFINITY;
    const older = fromMs === null || fromMs <= lastHistoric ? history : [];
    return [...older, ...closed.filter((bar) => bar.tsMs > lastHistoric)].filter(
      (bar) => fromMs === null || bar.tsMs >= fromMs,
    );
  }
}
