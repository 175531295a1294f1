import type { Address, Hex } from 'viem';
import type { UnixSeconds } from '../../risk/units/time.ts';
import type { ChainDefinition } from '../registry/chain.ts';

/** One Chainlink feed, in US dollars: a FluxAggregator with three oracles behind an EACAggregatorProxy. */
export interface DevnetChainlinkFeed {
  readonly proxy: Address;
  /** The aggregator of the current phase. */
  readonly aggregator: Address;
  readonly decimals: number;
  /** What the nodes of the real feed obey; here the driver's duty. */
  readonly heartbeatSeconds: number;
  readonly deviationBps: number;
  /** Submissions outside revert, in units of 10^-decimals US dollars. */
  readonly minSubmissionValue: bigint;
  readonly maxSubmissionValue: bigint;
}

/** One Uniswap v3 pool, quoted in USDC. */
export interface DevnetPool {
  readonly pool: Address;
  readonly baseToken: Address;
  readonly baseDecimals: number;
  readonly quoteToken: Address;
  readonly quoteDecimals: number;
  /** In hundredths of a basis point, as Uniswap counts. */
  readonly fee: number;
}

export interface PythPush {
  readonly asset: string;
  /** US dollars. */
  readonly price: number;
  /** US dollars, one standard deviation as Pyth states it. */
  readonly confidence: number;
  readonly publishTimeSeconds: UnixSeconds;
}

export interface StepInput {
  /** Time of the block; greater than that of the block before. */
  readonly timestampSeconds: UnixSeconds;
  /** New Chainlink rounds, in US dollars. */
  readonly chainlink?: readonly { readonly asset: string; readonly price: number }[];
  readonly pyth?: readonly PythPush[];
  /** Swaps that bring a pool's spot price to `targetPrice` USDC per base token. */
  readonly pools?: readonly { readonly asset: string; readonly targetPrice: number }[];
  /** Reported to the uptime feed; only on a chain that has one. */
  readonly sequencerUp?: boolean;
}

export interface DevnetChain {
  /** `rpcUrls` holds the live URL; the port stays the same over a restart. */
  readonly definition: ChainDefinition;
  readonly assets: readonly string[];
  readonly chainlink: Readonly<Record<string, DevnetChainlinkFeed>>;
  readonly pyth: { readonly contract: Address; readonly priceIds: Readonly<Record<string, Hex>> };
  readonly pools: Readonly<Record<string, DevnetPool>>;
  /** The uptime feed behind the proxy of `definition.sequencerUptimeFeed`; null on the hub. Its reads are access-controlled. */
  readonly sequencerAggregator: Address | null;
  /** Process id of the node, or null while it is down. */
  readonly pid: number | null;
  /**
   * Sends every transaction of the step and mines exactly one block. Steps of one chain run one after another.
   * @throws InvalidInputError (unknown asset, price, or time), nothing sent.
   * @throws DevnetTransactionError when a transaction reverts; the block stands, with the others in it.
   * @throws DevnetNodeError while the node is down.
   */
  step(input: StepInput): Promise<{ blockNumber: bigint }>;
  /** Moves the proxy of an asset to a new aggregator (next phase id) with one round at `price`, in two blocks. */
  startChainlinkPhase(input: {
    asset: string;
    price: number;
    timestampSeconds: UnixSeconds;
  }): Promise<Address>;
  /** kill -9 of the node, after its state was copied. */
  kill(): Promise<void>;
  /**
   * Starts the node again on the same port. After `kill` nothing is lost but the reads at blocks before the head;
   * when the node died in another way it comes back as it was when the devnet started.
   */
  restart(): Promise<void>;
}

export interface Devnet {
  readonly chains: readonly DevnetChain[];
  /** Ends every node; nothing is left behind. */
  stop(): Promise<void>;
}
