import type { HourlyBar } from '../../../models/forecast.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import type { UnixMs } from '../../../risk/units/time.ts';
import { followerHistory } from './follower-history.ts';
import { DEFAULT_PARAMETERS, type SimulatorParameters } from './parameters.ts';
import { MarketProcess } from './process.ts';
import { createRandom } from './random.ts';
import { type Asset, type MarketSource, type MarketTick, RISKY_ASSETS } from './source.ts';
import { monthsBefore, requireFullHour, requireMonths, requireSeed, requireStep } from './span.ts';
import { Stablecoin } from './stablecoin.ts';
import { tickOf } from './tick.ts';
import { Venues } from './venues.ts';

export interface SimulatorOptions {
  readonly seed: number;
  /** Where the live part begins; a full hour. */
  readonly startMs: UnixMs;
  /** Months of hourly history before it; 14 or more. */
  readonly months: number;
  readonly parameters?: SimulatorParameters;
  /** Market time at which a storm begins, whatever the chain of regimes would do; null: it decides alone. */
  readonly stormAtMs?: UnixMs | null;
}

/** How long a storm that was asked for lasts; then the chain of regimes goes on from it. */
const STORM_MS = 6 * 3_600_000;

/**
 * A seeded market of BTC, ETH, SOL and USDC: hourly history first, then the same process second by second. The law
 * of the process knows no price level, so the whole path is scaled to be at `startPrice` when the live part begins.
 * @throws InvalidInputError for a bad option or correlation matrix.
 */
export class MarketSimulator implements MarketSource {
  readonly kind = 'simulator';
  readonly startMs: UnixMs;
  readonly endMs = null;
  readonly description: string;
  readonly #p: SimulatorParameters;
  readonly #process: MarketProcess;
  readonly #usdc: Stablecoin;
  readonly #venues: Venues;
  readonly #prices: Float64Array;
  readonly #history: ReadonlyMap<Asset, readonly HourlyBar[]>;
  #storm: { readonly fromMs: UnixMs; readonly untilMs: UnixMs } | null;
  readonly #stormRegime: number;
  #seconds: number;

  constructor(options: SimulatorOptions) {
    const seed = requireSeed(options.seed);
    const months = requireMonths(options.months);
    this.startMs = requireFullHour(options.startMs, 'startMs');
    this.#seconds = this.startMs / 1000;
    this.#p = options.parameters ?? DEFAULT_PARAMETERS;
    this.#storm = options.stormAtMs == null ? null : stormFrom(options.stormAtMs);
    this.#stormRegime = this.#p.regimes.findIndex(({ name }) => name === 'storm');
    if (this.#storm !== null) this.#requireStorm();
    this.#process = new MarketProcess(this.#p, createRandom(seed, 'process'));
    this.#usdc = new Stablecoin(this.#p.usdc, createRandom(seed, 'usdc'));
    this.#venues = new Venues(this.#p.venues, seed);
    this.#prices = Float64Array.from(RISKY_ASSETS, (asset) => this.#p.startPrice[asset]);
    this.#history = followerHistory({
      fromMs: monthsBefore(this.startMs, months),
      startMs: this.startMs,
      seed,
      links: new Map(RISKY_ASSETS.map((asset) => [asset, null])),
      startPrice: this.#p.startPrice,
      leaders: new Map(),
      process: this.#process,
      usdc: this.#usdc,
    });
    this.description = `simulated market, seed ${seed}, ${months} months of history`;
  }

  history(): ReadonlyMap<Asset, readonly HourlyBar[]> {
    return this.#history;
  }

  current(): MarketTick {
    const risky = (index: number) => ({
      price: this.#prices[index]!,
      annualVolatility: this.#process.volatilities[index]!,
    });
    const usdc = { price: Math.exp(this.#usdc.logPrice), annualVolatility: this.#usdc.annualVolatility };
    const states = { BTC: risky(0), ETH: risky(1), SOL: risky(2), USDC: usdc };
    return tickOf(
      this.#seconds * 1000,
      states,
      this.#venues,
      this.#p.regimes[this.#process.regime]!.name,
      false,
    );
  }

  step(seconds: number): MarketTick {
    requireStep(seconds);
    for (let second = 0; second < seconds; second++) {
      this.#enterStorm();
      const { logReturns } = this.#process.advance(this.#seconds, 1);
      for (let i = 0; i < this.#prices.length; i++)
        this.#prices[i] = this.#prices[i]! * Math.exp(logReturns[i]!);
      this.#usdc.advance(1);
      this.#venues.advanceSecond();
      this.#seconds += 1;
    }
    return this.current();
  }

  startStorm(): void {
    this.#requireStorm();
    this.#storm = stormFrom(this.#seconds * 1000);
  }

  #requireStorm(): void {
    if (this.#stormRegime >= 0) return;
    throw new InvalidInputError('storm', "there is no regime 'storm' among the parameters");
  }

  #enterStorm(): void {
    const nowMs = this.#seconds * 1000;
    if (this.#storm === null || nowMs < this.#storm.fromMs || nowMs >= this.#storm.untilMs) return;
    this.#process.regime = this.#stormRegime;
  }
}

const stormFrom = (fromMs: UnixMs) => ({ fromMs, untilMs: fromMs + STORM_MS });
