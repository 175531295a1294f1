import type { HourlyBar } from '../../../models/forecast.ts';
import type { UnixMs } from '../../../risk/units/time.ts';
import { CandlePath } from './candle-path.ts';
import { day } from './errors.ts';
import { type Link, linkTo, ownPartParameters } from './follower.ts';
import { followerHistory } from './follower-history.ts';
import { DEFAULT_PARAMETERS, type SimulatorParameters } from './parameters.ts';
import { MarketProcess } from './process.ts';
import { createRandom } from './random.ts';
import { historyBefore, type ReplayData } from './replay-data.ts';
import {
  ASSETS,
  type Asset,
  type MarketSource,
  type MarketTick,
  RISKY_ASSETS,
  type RiskyAsset,
} from './source.ts';
import { monthsBefore, requireSeed, requireStep } from './span.ts';
import { Stablecoin } from './stablecoin.ts';
import { tickOf } from './tick.ts';
import { Venues } from './venues.ts';

/** One asset as it moves live. */
interface Mover {
  readonly asset: Asset;
  /** Log return since the second before. */
  logReturn: number;
  price: number;
  annualVolatility: number;
}

/**
 * Real candles, second by second, and assets without candles that follow them (docs/demo.md: betas). At the end of the
 * shortest file time stops and `finished` is true.
 */
export class MarketReplay implements MarketSource {
  readonly kind = 'replay';
  readonly startMs: UnixMs;
  readonly endMs: UnixMs;
  readonly description: string;
  readonly #paths = new Map<Asset, CandlePath>();
  readonly #links = new Map<RiskyAsset, Link | null>();
  readonly #history: ReadonlyMap<Asset, readonly HourlyBar[]>;
  readonly #process: MarketProcess;
  readonly #p: SimulatorParameters;
  readonly #usdc: Stablecoin | null;
  readonly #venues: Venues;
  readonly #movers: Readonly<Record<Asset, Mover>>;
  #seconds: number;

  constructor(data: ReplayData, seed: number, parameters: SimulatorParameters = DEFAULT_PARAMETERS) {
    requireSeed(seed);
    this.startMs = data.startMs;
    this.endMs = data.endMs;
    this.#seconds = data.startMs / 1000;
    const replayed = new Set(data.assets.map(({ asset }) => asset));
    for (const { asset, candles, intervalMs } of data.assets) {
      this.#paths.set(asset, new CandlePath(candles, intervalMs, seed, asset, data.startMs));
    }
    for (const asset of RISKY_ASSETS) {
      if (!replayed.has(asset)) this.#links.set(asset, linkTo(asset, replayed, parameters));
    }
    this.#p = ownPartParameters(parameters, this.#links);
    this.#process = new MarketProcess(this.#p, createRandom(seed, 'process'));
    this.#usdc = replayed.has('USDC') ? null : new Stablecoin(this.#p.usdc, createRandom(seed, 'usdc'));
    this.#venues = new Venues(this.#p.venues, seed);
    this.#history = this.#makeHistory(data, seed);
    this.#movers = Object.fromEntries(
      ASSETS.map((asset) => [
        asset,
        { asset, logReturn: 0, price: this.#firstPrice(asset), annualVolatility: 0 },
      ]),
    ) as Record<Asset, Mover>;
    this.#readVolatilities();
    this.description = describe(data, this.#links);
  }

  history(): ReadonlyMap<Asset, readonly HourlyBar[]> {
    return this.#history;
  }

  current(): MarketTick {
    const regime = this.#p.regimes[this.#process.regime]!.name;
    const timeMs = this.#seconds * 1000;
    return tickOf(timeMs, this.#movers, this.#venues, regime, timeMs >= this.endMs);
  }

  step(seconds: number): MarketTick {
    requireStep(seconds);
    for (let second = 0; second < seconds && this.#seconds * 1000 < this.endMs; second++)
      this.#advanceSecond();
    this.#readVolatilities();
    return this.current();
  }

  #advanceSecond(): void {
    const { logReturns } = this.#process.advance(this.#seconds, 1);
    this.#seconds += 1;
    for (const [asset, path] of this.#paths) {
      const mover = this.#movers[asset];
      const price = path.priceAt(this.#seconds * 1000);
      mover.logReturn = Math.log(price / mover.price);
      mover.price = price;
    }
    for (const [asset, link] of this.#links) {
      const mover = this.#movers[asset];
      const followed = link === null ? 0 : link.beta * this.#movers[link.leader].logReturn;
      mover.logReturn = followed + logReturns[RISKY_ASSETS.indexOf(asset)]!;
      mover.price *= Math.exp(mover.logReturn);
    }
    if (this.#usdc !== null) {
      this.#usdc.advance(1);
      this.#movers.USDC.price = Math.exp(this.#usdc.logPrice);
    }
    this.#venues.advanceSecond();
  }

  #readVolatilities(): void {
    for (const [asset, path] of this.#paths) this.#movers[asset].annualVolatility = path.annualVolatility;
    for (const [asset, link] of this.#links) {
      const own = this.#process.volatilities[RISKY_ASSETS.indexOf(asset)]!;
      const followed = link === null ? 0 : link.beta * this.#movers[link.leader].annualVolatility;
      this.#movers[asset].annualVolatility = Math.hypot(own, followed);
    }
    if (this.#usdc !== null) this.#movers.USDC.annualVolatility = this.#usdc.annualVolatility;
  }

  #firstPrice(asset: Asset): number {
    const path = this.#paths.get(asset);
    if (path !== undefined) return path.priceAt(this.startMs);
    return asset === 'USDC' ? Math.exp(this.#usdc!.logPrice) : this.#p.startPrice[asset];
  }

  #makeHistory(data: ReplayData, seed: number): ReadonlyMap<Asset, readonly HourlyBar[]> {
    const leaders = new Map(
      data.assets.map((one) => [one.asset, historyBefore(one, data.startMs, data.months).bars] as const),
    );
    const made = followerHistory({
      fromMs: monthsBefore(data.startMs, data.months),
      startMs: data.startMs,
      seed,
      links: this.#links,
      startPrice: this.#p.startPrice,
      leaders,
      process: this.#process,
      usdc: this.#usdc,
    });
    return new Map(ASSETS.map((asset) => [asset, leaders.get(asset) ?? made.get(asset)!]));
  }
}

function describe(data: ReplayData, links: ReadonlyMap<RiskyAsset, Link | null>): string {
  const real = data.assets.map(({ asset, file }) => `${asset} from ${file}`).join(', ');
  const followers = [...links].map(([asset, link]) =>
    link === null
      ? `${asset} simulated`
      : `${asset} follows ${link.leader} with beta ${link.beta.toFixed(2)}`,
  );
  return [`replay of ${real}, ${day(data.startMs)} to ${day(data.endMs)}`, ...followers].join('; ');
}
