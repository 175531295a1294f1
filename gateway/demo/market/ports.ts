import type { SourceKind } from '../../../oracles/quotes/quote.ts';

/** What the driver asks of a local chain; `DevnetChain` of chains/devnet fits as it is. */
export interface ChainPort {
  readonly definition: { readonly id: string; readonly blockTimeSeconds: number };
  readonly chainlink: Readonly<Record<string, ChainlinkPace>>;
  readonly pyth: { readonly priceIds: Readonly<Record<string, `0x${string}`>> };
  /** Pools against USDC by base asset; fee in hundredths of a basis point. */
  readonly pools: Readonly<Record<string, { readonly fee: number }>>;
  readonly sequencerAggregator: `0x${string}` | null;
  /** Sends all of it and mines one block at the timestamp. */
  step(input: ChainStep): Promise<{ readonly blockNumber: bigint }>;
}

export interface ChainlinkPace {
  readonly decimals: number;
  readonly heartbeatSeconds: number;
  readonly deviationBps: number;
  /** Bounds of the aggregator in units of 10^-decimals; a round outside cannot land. */
  readonly minSubmissionValue: bigint;
  readonly maxSubmissionValue: bigint;
}

export interface ChainStep {
  readonly timestampSeconds: number;
  readonly chainlink?: readonly { readonly asset: string; readonly price: number }[];
  readonly pyth?: readonly {
    readonly asset: string;
    readonly price: number;
    readonly confidence: number;
    readonly publishTimeSeconds: number;
  }[];
  readonly pools?: readonly { readonly asset: string; readonly targetPrice: number }[];
  readonly sequencerUp?: boolean;
}

/** What the driver asks of the Hermes-wire server; `HermesServer` fits as it is. */
export interface HermesPort {
  publish(prices: readonly HermesPrice[]): void;
}

export interface HermesPrice {
  readonly priceId: `0x${string}`;
  readonly price: bigint;
  readonly conf: bigint;
  readonly expo: number;
  readonly publishTimeSeconds: number;
  readonly prevPublishTimeSeconds: number;
  readonly emaPrice: bigint;
  readonly emaConf: bigint;
}

/** A pino logger fits. */
export interface DriverLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Kinds of sources that the demo plays; it has no Uniswap v2 pairs. */
export type MarketSourceKind = Exclude<SourceKind, 'uniswap-v2-twap' | 'observed'>;
/** Those of them that live on a chain. */
export type ChainSourceKind = Exclude<MarketSourceKind, 'pyth-hermes'>;
export const CHAIN_SOURCE_KINDS: readonly ChainSourceKind[] = [
  'chainlink',
  'pyth-onchain',
  'uniswap-v3-twap',
];
