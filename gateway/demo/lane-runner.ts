import type { ChainLane, LanePlan } from './market/chain-lane.ts';
import type { ChainSourceKind, DriverLogger } from './market/ports.ts';
import type { MarketTick } from './market/source.ts';
import type { PythPrice } from './market/sources/pyth-stream.ts';

export interface LaneStats {
  readonly steps: number;
  readonly failures: number;
  /** Failures since the last success. */
  readonly failing: number;
  readonly lastError: string | null;
  readonly lastBlock: string | null;
  /** Updates that reached the chain: Chainlink rounds, Pyth pushes, pool swaps. */
  readonly moves: Readonly<Record<ChainSourceKind, number>>;
}

/** Steps one chain and survives whatever it does. */
export class LaneRunner {
  readonly lane: ChainLane;
  readonly #logger: DriverLogger;
  readonly #patienceMs: number;
  readonly #moves: Record<ChainSourceKind, number> = {
    chainlink: 0,
    'pyth-onchain': 0,
    'uniswap-v3-twap': 0,
  };
  #steps = 0;
  #failures = 0;
  #failing = 0;
  #lastError: string | null = null;
  #lastBlock: bigint | null = null;
  #busy = false;

  /** `patienceMs`: wall time that `run` waits for the chain. */
  constructor(lane: ChainLane, logger: DriverLogger, patienceMs: number) {
    this.lane = lane;
    this.#logger = logger;
    this.#patienceMs = patienceMs;
  }

  /** Never rejects; resolves once the chain has answered or patience is over. Does nothing while an older step is out. */
  async run(tick: MarketTick, prices: readonly PythPrice[]): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const plan = this.lane.plan(tick, prices);
    const answered = Promise.resolve()
      .then(() => this.lane.port.step(plan.input))
      .then(({ blockNumber }) => this.#succeed(plan, blockNumber))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#busy = false;
      });
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#logger.warn({ chain: this.#chain }, 'a chain does not answer; the market goes on without it');
        resolve();
      }, this.#patienceMs);
    });
    await Promise.race([answered, patience]);
    clearTimeout(timer);
  }

  stats(): LaneStats {
    return {
      steps: this.#steps,
      failures: this.#failures,
      failing: this.#failing,
      lastError: this.#lastError,
      lastBlock: this.#lastBlock === null ? null : `${this.#lastBlock}`,
      moves: { ...this.#moves },
    };
  }

  get #chain(): string {
    return this.lane.port.definition.id;
  }

  #succeed(plan: LanePlan, blockNumber: bigint): void {
    plan.commit();
    for (const kind of Object.keys(plan.moves) as ChainSourceKind[]) this.#moves[kind] += plan.moves[kind];
    if (this.#failing > 0) {
      this.#logger.info({ chain: this.#chain, failedSteps: this.#failing }, 'the chain takes steps again');
    }
    this.#steps += 1;
    this.#failing = 0;
    this.#lastBlock = blockNumber;
  }

  #fail(error: unknown): void {
    this.lane.forgetPools();
    this.#failures += 1;
    this.#failing += 1;
    this.#lastError = error instanceof Error ? error.message : String(error);
    // Once per outage; the count is in the statistics.
    if (this.#failing > 1) return;
    this.#logger.warn(
      { chain: this.#chain, error: this.#lastError },
      'a step failed on a chain; it is tried again',
    );
  }
}
