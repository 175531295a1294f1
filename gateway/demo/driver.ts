import { InvalidInputError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { MarketClock } from './clock.ts';
import { LaneRunner, type LaneStats } from './lane-runner.ts';
import { ChainLane } from './market/chain-lane.ts';
import { HermesLane } from './market/hermes-lane.ts';
import { laneParameters } from './market/lane-parameters.ts';
import type { ChainPort, DriverLogger, HermesPort, MarketSourceKind } from './market/ports.ts';
import { createRandom } from './market/random.ts';
import { ASSETS, type MarketSource } from './market/source.ts';
import { PythStream } from './market/sources/pyth-stream.ts';

export const DEFAULT_SPEED = 60;
export const DEFAULT_STEP_WALL_MS = 500;
/** A step may catch up on as much as one more step; what is lost beyond that stays lost. */
const CATCH_UP_STEPS = 2;

/** Largest step of market time, and so what a `MarketClock` may run ahead. At least 2 s, for blocks count seconds. */
export function maxLeadMs(speed: number, stepWallMs: number): number {
  return Math.max(2000, CATCH_UP_STEPS * speed * stepWallMs);
}

/** Prices that the local chains must be started with, at `source.startMs`, in USD by asset. */
export function firstPrices(source: MarketSource): Record<string, number> {
  const { assets } = source.current();
  return Object.fromEntries(ASSETS.map((asset) => [asset, assets[asset].price]));
}

export interface DriverOptions {
  /** At its start; the driver moves it. */
  readonly source: MarketSource;
  /** Started with `firstPrices(source)` at `source.startMs`. */
  readonly chains: readonly ChainPort[];
  readonly hermes: HermesPort;
  /** Begins at `source.startMs`; the driver starts it and completes its steps. */
  readonly clock: MarketClock;
  readonly seed: number;
  /** Wall time between steps. */
  readonly stepWallMs?: number;
  /** Wall time that a step waits for one chain; a chain that takes longer is left to itself until it answers. */
  readonly patienceMs?: number;
  readonly logger: DriverLogger;
}

export type DriverEnd = 'stopped' | 'end of data' | 'failed';

export interface DriverStats {
  readonly steps: number;
  readonly marketTimeMs: UnixMs;
  /** Market time lost because steps took longer than they cover. */
  readonly heldMs: number;
  readonly regime: string;
  /** Null while it runs. */
  readonly ended: DriverEnd | null;
  readonly hermes: { readonly publications: number; readonly failures: number };
  readonly chains: Readonly<Record<string, LaneStats>>;
}

export interface Driver {
  /** Ends after the step in hand. */
  stop(): Promise<void>;
  stats(): DriverStats;
  /** Called once when the driver ends, at once if it has ended. */
  onFinished(listener: (end: DriverEnd, message: string) => void): void;
  /** Silences a kind of source, on one chain or on all; `pyth-hermes` is on none. */
  pauseSource(kind: MarketSourceKind, chain?: string): void;
  resumeSource(kind: MarketSourceKind, chain?: string): void;
  setSequencer(chain: string, up: boolean): void;
  /** Begins a storm. @returns false where the market cannot be told what to do (a replay) */
  startStorm(): boolean;
}

/**
 * Moves the market and everything that reports on it, step by step, until stopped or until the data end. Prices are on
 * Hermes when it returns. Steps never overlap; a slow one makes the next one longer, up to a bound, beyond which
 * market time runs slower than wall x speed. A chain that fails is left out and tried again at the next step.
 */
export function startDriver(options: DriverOptions): Driver {
  const { source, clock, seed, logger, stepWallMs = DEFAULT_STEP_WALL_MS, patienceMs = 5_000 } = options;
  if (!(stepWallMs > 0)) throw new InvalidInputError('stepWallMs', 'must be above 0');
  let tick = source.current();
  if (clock.completedMs !== tick.timeMs)
    throw new InvalidInputError('clock', 'must begin where the source begins');
  const runners = new Map(
    options.chains.map((port) => {
      const lane = new ChainLane(port, tick, seed, laneParameters(port));
      return [port.definition.id, new LaneRunner(lane, logger, patienceMs)] as const;
    }),
  );
  const priceIds = new Map(options.chains.flatMap(({ pyth }) => Object.entries(pyth.priceIds)));
  const hermes = new HermesLane(options.hermes, priceIds);
  const pyth = new PythStream(createRandom(seed, 'pyth'));
  const counts = { steps: 0, publications: 0, hermesFailures: 0 };
  const listeners: ((end: DriverEnd, message: string) => void)[] = [];
  let ended: { readonly end: DriverEnd; readonly message: string } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let inHand: Promise<void> = Promise.resolve();
  let heldAtLastWarning = 0;

  const publish = () => {
    const prices = pyth.publish(tick);
    try {
      counts.publications += hermes.publish(prices, tick.timeMs) > 0 ? 1 : 0;
    } catch (error) {
      counts.hermesFailures += 1;
      logger.warn({ error: messageOf(error) }, 'publishing on Hermes failed');
    }
    return prices;
  };

  const finish = (end: DriverEnd, message: string) => {
    if (ended !== null) return;
    ended = { end, message };
    clearTimeout(timer);
    logger.info({ end, marketTime: new Date(tick.timeMs).toISOString() }, message);
    for (const listener of listeners) listener(end, message);
  };

  const step = async () => {
    const seconds = Math.floor((clock.nowMs() - tick.timeMs) / 1000);
    if (seconds < 1) return;
    tick = source.step(seconds);
    const prices = publish();
    await Promise.all([...runners.values()].map((runner) => runner.run(tick, prices)));
    clock.complete(tick.timeMs);
    counts.steps += 1;
    if (clock.heldMs - heldAtLastWarning > 10 * stepWallMs * clock.speed) {
      heldAtLastWarning = clock.heldMs;
      logger.warn(
        { lostSeconds: clock.heldMs / 1000 },
        'steps take too long: market time runs slower than asked',
      );
    }
    if (tick.finished)
      finish('end of data', `the replay has reached the end of its data (${source.description})`);
  };

  const loop = () => {
    const started = performance.now();
    inHand = step()
      .catch((error: unknown) => finish('failed', `the market driver failed: ${messageOf(error)}`))
      .then(() => {
        if (ended !== null) return;
        timer = setTimeout(loop, Math.max(0, started + stepWallMs - performance.now()));
      });
  };

  const onChains = (kind: MarketSourceKind, chain: string | undefined, paused: boolean) => {
    if (kind === 'pyth-hermes') {
      hermes.paused = paused;
      return;
    }
    const chosen = chain === undefined ? [...runners.values()] : [runnerOf(runners, chain)];
    for (const { lane } of chosen) lane.pause(kind, paused);
  };

  clock.start();
  publish();
  timer = setTimeout(loop, stepWallMs);

  return {
    async stop() {
      finish('stopped', 'the market driver was stopped');
      await inHand;
    },
    stats: () => ({
      steps: counts.steps,
      marketTimeMs: tick.timeMs,
      heldMs: clock.heldMs,
      regime: tick.regime,
      ended: ended?.end ?? null,
      hermes: { publications: counts.publications, failures: counts.hermesFailures },
      chains: Object.fromEntries([...runners].map(([id, runner]) => [id, runner.stats()])),
    }),
    onFinished(listener) {
      if (ended === null) listeners.push(listener);
      else listener(ended.end, ended.message);
    },
    pauseSource: (kind, chain) => onChains(kind, chain, true),
    resumeSource: (kind, chain) => onChains(kind, chain, false),
    setSequencer(chain, up) {
      const { lane } = runnerOf(runners, chain);
      if (lane.port.sequencerAggregator === null)
        throw new InvalidInputError('chain', `'${chain}' has no sequencer`);
      lane.setSequencer(up);
    },
    startStorm() {
      source.startStorm?.();
      return source.startStorm !== undefined;
    },
  };
}

function runnerOf(runners: ReadonlyMap<string, LaneRunner>, chain: string): LaneRunner {
  const runner = runners.get(chain);
  if (runner === undefined)
    throw new InvalidInputError('chain', `no '${chain}' here; there are ${[...runners.keys()].join(', ')}`);
  return runner;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
