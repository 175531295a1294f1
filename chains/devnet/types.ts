import type { Abi, Address, Hex } from 'viem';
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

/** One DVN of a chain: it verifies when `quorum` of its signers have signed. */
export interface DevnetDvn {
  readonly address: Address;
  /** Names this DVN in what its signers sign. */
  readonly vid: number;
  /** The account that sends its transactions. */
  readonly admin: Address;
  readonly signers: readonly Address[];
  readonly quorum: number;
}

/** LayerZero v2 on one chain. */
export interface DevnetLayerZero {
  readonly eid: number;
  readonly endpoint: Address;
  readonly sendLibrary: Address;
  readonly receiveLibrary: Address;
  readonly treasury: Address;
  readonly priceFeed: Address;
  readonly executor: Address;
  /** The account that sends the executor's transactions. */
  readonly executorAdmin: Address;
  /** All of them must verify a message. */
  readonly dvns: readonly DevnetDvn[];
  /** Blocks, its own included, after which a message is verified. */
  readonly confirmations: number;
}

/** A parameter that can be published: of which market, and between which values. All values have 18 decimals. */
export interface RiskLine {
  /** Market id of the gateway, e.g. `BTC-PERP`; on chain `marketAddress(market)`. */
  readonly market: string;
  readonly updateType: string;
  /** What the oracle of each chain accepts at all. */
  readonly min: bigint;
  readonly max: bigint;
  /** What the gateway's key may publish alone, as approved on the hub. */
  readonly gatewayMin: bigint;
  readonly gatewayMax: bigint;
  /** What the example consumer starts with. */
  readonly initial: bigint;
}

/** Breakwater's own contracts on one chain. */
export interface DevnetRisk {
  /** Owns them all: an unlocked account of the node. */
  readonly owner: Address;
  readonly oracle: Address;
  /** On one chain there is the hub, on every other a receiver. */
  readonly hub: Address | null;
  readonly receiver: Address | null;
  readonly verifier: Address;
  readonly venue: Address;
  /** Follows the first of `lines`. */
  readonly consumer: Address | null;
  readonly lines: readonly RiskLine[];
}

/** A transaction from one of the node's unlocked accounts. */
export interface DevnetTransaction {
  /** Names it in errors. */
  readonly label: string;
  readonly from: Address;
  /** null creates a contract. */
  readonly to: Address | null;
  readonly data: Hex;
  readonly value?: bigint;
  /** Names the custom errors in a revert. */
  readonly abi?: Abi;
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
  /** null when the devnet was started without LayerZero; then `risk` is null too. */
  readonly layerZero: DevnetLayerZero | null;
  readonly risk: DevnetRisk | null;
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
  /**
   * Sends the transactions and mines one block with them, and with what others have sent, at the time of the last
   * block. Without any it mines what waits.
   * @throws DevnetTransactionError, DevnetNodeError as `step` does.
   */
  transact(transactions?: readonly DevnetTransaction[]): Promise<{ blockNumber: bigint }>;
  /** Takes back the last blocks, as a reorganisation does; what was in them is gone. */
  rollBack(blocks: number): Promise<void>;
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
