import { median } from '../../../oracles/reducers/medians.ts';
import type { UnixMs } from '../../../risk/units/time.ts';
import { CHAIN_SOURCE_KINDS, type ChainPort, type ChainSourceKind, type ChainStep } from './ports.ts';
import { createRandom, type Random } from './random.ts';
import { ASSETS, type Asset, type MarketTick } from './source.ts';
import { decideFeed, type FeedPace, type FeedState, firstState } from './sources/deviation-feed.ts';
import { tradePool } from './sources/pool-trades.ts';
import type { PythPrice } from './sources/pyth-stream.ts';

export interface LaneParameters {
  /** When somebody pushes Pyth's price to this chain. */
  readonly pythPace: FeedPace;
  /** Error of what this chain's Chainlink nodes observe, as a fraction of the price. */
  readonly chainlinkNoise: number;
  readonly noiseTradesPerHour: number;
  readonly noiseOfFee: number;
}

/** A step that has been thought out but not yet sent. */
export interface LanePlan {
  readonly input: ChainStep;
  /** What moves with it, by kind. */
  readonly moves: Readonly<Record<ChainSourceKind, number>>;
  /** Takes over the new state; only after the chain has taken the step. */
  commit(): void;
}

/** Everything that happens on one chain: its Chainlink feeds, its pushed Pyth prices, its pools, its sequencer. */
export class ChainLane {
  readonly port: ChainPort;
  readonly #p: LaneParameters;
  readonly #random: Random;
  readonly #chainlink = new Map<Asset, { pace: FeedPace; state: FeedState }>();
  readonly #pyth = new Map<Asset, FeedState>();
  readonly #spots = new Map<Asset, number>();
  readonly #paused = new Set<ChainSourceKind>();
  #lastMs: UnixMs;
  #sequencerUp = true;
  #reportedUp = true;

  /** `first` holds the prices that the chain was started with. */
  constructor(port: ChainPort, first: MarketTick, seed: number, parameters: LaneParameters) {
    this.port = port;
    this.#p = parameters;
    this.#lastMs = first.timeMs;
    this.#random = createRandom(seed, `lane:${port.definition.id}`);
    const priceOf = (asset: Asset) => first.assets[asset].price;
    ASSETS.filter((asset) => asset in port.chainlink).forEach((asset, index) => {
      const { heartbeatSeconds, deviationBps } = port.chainlink[asset]!;
      const pace = { heartbeatSeconds, deviationBps, delaySeconds: port.definition.blockTimeSeconds };
      this.#chainlink.set(asset, { pace, state: firstState(priceOf(asset), pace, index, first.timeMs) });
    });
    ASSETS.filter((asset) => asset in port.pyth.priceIds).forEach((asset, index) => {
      this.#pyth.set(asset, firstState(priceOf(asset), parameters.pythPace, index, first.timeMs));
    });
    for (const asset of ASSETS.filter((name) => name in port.pools)) {
      this.#spots.set(asset, priceOf(asset) / priceOf('USDC'));
    }
  }

  pause(kind: ChainSourceKind, paused: boolean): void {
    if (paused) this.#paused.add(kind);
    else this.#paused.delete(kind);
  }

  /** While the sequencer is down nothing reaches the chain but the report of it. */
  setSequencer(up: boolean): void {
    this.#sequencerUp = up;
  }

  /** The chain refused a step or did not answer: where its pools stand is not known, the next swap goes to the fair price. */
  forgetPools(): void {
    for (const asset of this.#spots.keys()) this.#spots.set(asset, Number.NaN);
  }

  plan(tick: MarketTick, pythPrices: readonly PythPrice[]): LanePlan {
    const open = (kind: ChainSourceKind) => this.#sequencerUp && !this.#paused.has(kind);
    const commits: (() => void)[] = [];
    const chainlink = open('chainlink') ? this.#planChainlink(tick, commits) : [];
    const pyth = open('pyth-onchain') ? this.#planPyth(tick, pythPrices, commits) : [];
    const pools = open('uniswap-v3-twap') ? this.#planPools(tick, commits) : [];
    const report = this.#sequencerUp === this.#reportedUp ? {} : { sequencerUp: this.#sequencerUp };
    const input = { timestampSeconds: tick.timeMs / 1000, chainlink, pyth, pools, ...report };
    const counts = [chainlink.length, pyth.length, pools.length];
    const sequencerUp = this.#sequencerUp;
    return {
      input,
      moves: Object.fromEntries(
        CHAIN_SOURCE_KINDS.map((kind, index) => [kind, counts[index]!]),
      ) as LanePlan['moves'],
      commit: () => {
        for (const commit of commits) commit();
        this.#reportedUp = sequencerUp;
        this.#lastMs = tick.timeMs;
      },
    };
  }

  #planChainlink(tick: MarketTick, commits: (() => void)[]) {
    const rounds: { asset: Asset; price: number }[] = [];
    for (const [asset, feed] of this.#chainlink) {
      const noise = 1 + this.#p.chainlinkNoise * this.#random.normal();
      const { publish, next } = decideFeed(
        feed.state,
        feed.pace,
        median(tick.assets[asset].venues)! * noise,
        tick.timeMs,
      );
      const inBounds = publish === null || this.#withinBounds(asset, publish);
      // An aggregator turns down what lies outside its bounds: its last answer stays, and grows old.
      if (publish !== null && inBounds) rounds.push({ asset, price: publish });
      commits.push(() => {
        feed.state = inBounds ? next : { ...feed.state, pending: null };
      });
    }
    return rounds;
  }

  #withinBounds(asset: Asset, price: number): boolean {
    const { decimals, minSubmissionValue, maxSubmissionValue } = this.port.chainlink[asset]!;
    const answer = BigInt(Math.round(price * 10 ** decimals));
    return answer >= minSubmissionValue && answer <= maxSubmissionValue;
  }

  #planPyth(tick: MarketTick, prices: readonly PythPrice[], commits: (() => void)[]) {
    const publishTimeSeconds = tick.timeMs / 1000;
    return prices.flatMap(({ asset, price, confidence }) => {
      const state = this.#pyth.get(asset);
      if (state === undefined) return [];
      const { publish, next } = decideFeed(state, this.#p.pythPace, price, tick.timeMs);
      commits.push(() => this.#pyth.set(asset, next));
      return publish === null ? [] : [{ asset, price: publish, confidence, publishTimeSeconds }];
    });
  }

  #planPools(tick: MarketTick, commits: (() => void)[]) {
    const seconds = (tick.timeMs - this.#lastMs) / 1000;
    return [...this.#spots].flatMap(([asset, spot]) => {
      const fair = tick.assets[asset].price / tick.assets.USDC.price;
      const { noiseTradesPerHour, noiseOfFee } = this.#p;
      const pace = { fee: this.port.pools[asset]!.fee / 1_000_000, noiseTradesPerHour, noiseOfFee };
      const target = Number.isNaN(spot) ? fair : tradePool(spot, fair, pace, seconds, this.#random);
      if (target === null) return [];
      commits.push(() => this.#spots.set(asset, target));
      return [{ asset, targetPrice: target }];
    });
  }
}
