import type { HourlyBar } from '../../../models/forecast.ts';
import { MS_PER_HOUR, type UnixMs } from '../../../risk/units/time.ts';
import { BarBuilder } from './bar-builder.ts';
import { intrabarPath } from './bridge.ts';
import type { Link } from './follower.ts';
import type { MarketProcess } from './process.ts';
import { createRandom } from './random.ts';
import { type Asset, MEAN_VOLUME, RISKY_ASSETS, type RiskyAsset } from './source.ts';
import type { Stablecoin } from './stablecoin.ts';

export const SUB_STEPS_PER_HOUR = 12;

export interface FollowerHistoryInput {
  readonly fromMs: UnixMs;
  readonly startMs: UnixMs;
  readonly seed: number;
  /** Assets to make, with their links; null for one that follows nothing. */
  readonly links: ReadonlyMap<RiskyAsset, Link | null>;
  readonly startPrice: Readonly<Record<RiskyAsset, number>>;
  /** Hourly bars of the replayed assets. */
  readonly leaders: ReadonlyMap<Asset, readonly HourlyBar[]>;
  readonly process: MarketProcess;
  /** Null when USDC is replayed. */
  readonly usdc: Stablecoin | null;
}

/**
 * Hourly bars of the assets without candles, from the same rule that moves them live: beta x the leader's move plus
 * their own part. With no leader at all this is the whole simulated history. Ends at `startPrice`.
 */
export function followerHistory(input: FollowerHistoryInput): Map<Asset, readonly HourlyBar[]> {
  const { fromMs, startMs, seed, links, process, usdc } = input;
  const sub = 3600 / SUB_STEPS_PER_HOUR;
  const leaders = new Map(
    [...input.leaders].map(([asset, bars]) => [asset, new LeaderMoves(asset, bars, seed)]),
  );
  const made = [...links].map(([asset, link]) => {
    const moves = link === null ? null : leaders.get(link.leader)!;
    return { asset, link, moves, index: RISKY_ASSETS.indexOf(asset), log: 0, ...collector(asset, seed) };
  });
  const stable = usdc === null ? null : collector('USDC', seed);

  for (let tsMs = fromMs; tsMs < startMs; tsMs += MS_PER_HOUR) {
    for (const leader of leaders.values()) leader.enter(tsMs);
    for (const one of made) one.builder.start(one.log);
    stable?.builder.start(usdc!.logPrice);
    for (let k = 0; k < SUB_STEPS_PER_HOUR; k++) {
      const { logReturns, deviations, jumps } = process.advance(tsMs / 1000 + k * sub, sub);
      for (const one of made) {
        const followed = one.link === null ? 0 : one.link.beta * one.moves!.logReturns[k]!;
        one.log += logReturns[one.index]! + followed;
        one.builder.add(one.log, deviations[one.index]!, jumps[one.index]! + followed);
      }
      if (stable !== null) {
        const deviation = usdc!.advance(sub);
        stable.builder.add(usdc!.logPrice, deviation, 0);
      }
    }
    for (const one of made) one.bars.push(one.builder.finish(tsMs, MEAN_VOLUME[one.asset]));
    stable?.bars.push(stable.builder.finish(tsMs, MEAN_VOLUME.USDC));
  }
  const history = new Map<Asset, readonly HourlyBar[]>();
  for (const { asset, bars, log } of made) {
    const scale = Math.log(input.startPrice[asset]) - log;
    history.set(
      asset,
      bars.map((bar) => bar(scale)),
    );
  }
  if (stable !== null)
    history.set(
      'USDC',
      stable.bars.map((bar) => bar(0)),
    );
  return history;
}

function collector(asset: Asset, seed: number) {
  const bars: ((logScale: number) => HourlyBar)[] = [];
  return { builder: new BarBuilder(createRandom(seed, `bars:${asset}`)), bars };
}

/** Log returns of a replayed asset over the sub-steps of one hour; zero where the hour has no bar. */
class LeaderMoves {
  readonly logReturns = new Float64Array(SUB_STEPS_PER_HOUR);
  readonly #bars: readonly HourlyBar[];
  readonly #asset: Asset;
  readonly #seed: number;
  #at = 0;
  #last = Number.NaN;

  constructor(asset: Asset, bars: readonly HourlyBar[], seed: number) {
    this.#asset = asset;
    this.#bars = bars;
    this.#seed = seed;
  }

  enter(tsMs: UnixMs): void {
    while (this.#at < this.#bars.length && this.#bars[this.#at]!.tsMs < tsMs) this.#at += 1;
    const bar = this.#bars[this.#at];
    if (bar === undefined || bar.tsMs !== tsMs) {
      this.logReturns.fill(0);
      return;
    }
    const random = createRandom(this.#seed, `history:${this.#asset}:${tsMs}`);
    const path = intrabarPath(bar, SUB_STEPS_PER_HOUR + 1, random);
    // The gap between two bars belongs to the first sub-step.
    let previous = Number.isNaN(this.#last) ? bar.open : this.#last;
    for (let k = 0; k < SUB_STEPS_PER_HOUR; k++) {
      this.logReturns[k] = Math.log(path[k + 1]! / previous);
      previous = path[k + 1]!;
    }
    this.#last = bar.close;
  }
}
