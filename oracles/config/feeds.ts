import { z } from 'zod';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { ASSET_CLASSES } from './classes.ts';

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be a 20-byte hex address')
  .transform((value) => value as `0x${string}`);
const priceId = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'must be a 32-byte hex price id')
  .transform((value) => value.toLowerCase() as `0x${string}`);
const positiveDecimal = z
  .string()
  .regex(/^\d{1,30}(\.\d{1,18})?$/, 'must be a plain decimal string')
  .refine((value) => /[1-9]/.test(value), 'must be above 0');
const feedId = z.string().regex(/^[A-Z0-9]{1,16}-[A-Z0-9]{1,16}$/, 'must look like BTC-USD');

/** Fields that every source has. */
const common = {
  /** Unique within the feed, e.g. `chainlink:hub`. */
  id: z.string().regex(/^[a-z0-9:_-]{1,64}$/),
  /** Sources that share publishers or a pool share a group, and so one vote. */
  group: z.string().min(1),
  /** Relative weight of the group's vote when it is alone in it. */
  weight: z.number().positive().default(1),
  /** Older than this (from publish time) and the quote is left out. */
  maxAgeSeconds: z.number().positive(),
  /** A chain source last read at a block older than this is left out (default: GUARD_LIMITS of guards/limits.ts). */
  maxReadAgeSeconds: z.number().positive().optional(),
  /** Greatest difference of publish times to the leg of `quoteFeed` (default as above). */
  maxLegSkewSeconds: z.number().positive().optional(),
  /** Unit of this source's price when it is not the feed's quote asset, e.g. `USDC`; needs `quoteFeed`. */
  quoteAsset: z.string().optional(),
  /** Feed that turns `quoteAsset` into the feed's quote asset, e.g. `USDC-USD`. */
  quoteFeed: feedId.optional(),
};

export const pythHermesSource = z.strictObject({ ...common, kind: z.literal('pyth-hermes'), priceId });

export const pythOnchainSource = z.strictObject({
  ...common,
  kind: z.literal('pyth-onchain'),
  chain: z.string(),
  contract: address,
  priceId,
});

export const chainlinkSource = z.strictObject({
  ...common,
  kind: z.literal('chainlink'),
  chain: z.string(),
  proxy: address,
  decimals: z.int().min(0).max(30),
  heartbeatSeconds: z.number().positive(),
  deviationBps: z.number().positive(),
});

export const uniswapV3Source = z.strictObject({
  ...common,
  kind: z.literal('uniswap-v3-twap'),
  chain: z.string(),
  pool: address,
  /** Token priced by the feed; must be token0 or token1 of the pool. */
  baseToken: address,
  baseDecimals: z.int().min(0).max(30),
  quoteDecimals: z.int().min(0).max(30),
  windowSeconds: z.int().positive(),
  /** Harmonic mean in-range liquidity below which the pool is too cheap to move; decimal string of L. */
  minHarmonicLiquidity: z.string().regex(/^\d+$/).default('0'),
});

export const uniswapV2Source = z.strictObject({
  ...common,
  kind: z.literal('uniswap-v2-twap'),
  chain: z.string(),
  pair: address,
  /** Token priced by the feed; must be token0 or token1 of the pair. */
  baseToken: address,
  baseDecimals: z.int().min(0).max(30),
  quoteDecimals: z.int().min(0).max(30),
  /** Shortest time between the two readings of the accumulator; the first price comes that long after a start. */
  windowSeconds: z.int().positive(),
  /** Reserve of the quote token, in its smallest unit, below which the pair is too cheap to move; decimal string. */
  minQuoteReserve: z.string().regex(/^\d+$/).default('0'),
});

/**
 * A price that is handed in and not read by an adapter: recorded markets, played cases. What the observer knows about
 * it (window, depth, bounds, legs, scale) comes in the quote's details.
 */
export const observedSource = z.strictObject({
  ...common,
  kind: z.literal('observed'),
  /** How the price was made; a `dex-spot` price can be moved within a block and never votes. */
  method: z.enum(['pyth', 'chainlink', 'dex-twap', 'dex-spot', 'cex', 'exchange-rate', 'custom']),
});

export const sourceSchema = z.discriminatedUnion('kind', [
  pythHermesSource,
  pythOnchainSource,
  chainlinkSource,
  uniswapV3Source,
  uniswapV2Source,
]);

const feedFields = {
  id: feedId,
  base: z.string(),
  quote: z.string(),
  /** Own plausibility bounds, decimal strings: most aggregators have none that bind. */
  minPrice: z.string().regex(/^\d+(\.\d+)?$/),
  maxPrice: z.string().regex(/^\d+(\.\d+)?$/),
  /** Fewer independent groups than this: no price for any purpose. */
  minGroups: z.int().positive().default(2),
  /**
   * Class of the asset: sets the limits below where they are not given, and turns on the guards that need memory
   * (jumps, growth limits) and the greater quorum. Without a class the limits are those of a major.
   */
  class: z.enum(ASSET_CLASSES).optional(),
  /** Groups further than this from the median are left out, in basis points. */
  maxDeviationBps: z.number().positive().optional(),
  /** Confidence wider than this share of the price closes `open`, and twice of it `liquidate`, in basis points. */
  maxConfidenceBps: z.number().positive().optional(),
  /** Groups that must agree for `open` and `liquidate`; for `margin` fewer will do if history confirms them. */
  fullGroups: z.int().positive().optional(),
  /** Farther than this from what is remembered and the move needs proof, in basis points. */
  jumpBps: z.number().positive().optional(),
  /** Agreeing groups of known depth that prove a move; 0 where `fullGroups` that agree are proof enough. */
  deepGroups: z.int().nonnegative().optional(),
  /** The price may be this far above the growth limit of its rate, or below the rate, in basis points. */
  anchorToleranceBps: z.number().positive().optional(),
  /** A closed purpose opens again when, for `seconds`, all is within `leaveShare` of the limits. */
  hold: z
    .strictObject({
      seconds: z.number().nonnegative().max(86_400),
      leaveShare: z.number().positive().max(1).default(GUARD_LIMITS.leaveShare),
    })
    .optional(),
  /** Chain on which the price is used: while its sequencer is down or just back, no new risk and no liquidation. */
  usedOn: z.string().min(1).optional(),
  /**
   * Exchange rate of a liquid-staking or wrapped token, and how fast it may grow: `rate` at `takenAt`, in units of what
   * it wraps; `quoteFeed` turns those into the feed's quote asset.
   */
  rateAnchor: z
    .strictObject({
      rate: positiveDecimal,
      takenAt: z.iso.datetime({ offset: true }),
      maxYearlyGrowthBps: z.int().nonnegative().max(100_000),
      quoteFeed: feedId.optional(),
    })
    .optional(),
  /** Feeds of the same asset on other chains, to compare with. */
  elsewhere: z.array(z.strictObject({ chain: z.string().min(1), feed: feedId })).optional(),
  /** What the price is about, from a place outside of this file: catches a wrong scale, unit or direction. */
  referencePrice: positiveDecimal.optional(),
};

export const feedSchema = z.strictObject({ ...feedFields, sources: z.array(sourceSchema).min(1) });
/** A feed of observed prices; not part of a network file, for nothing there would read them. */
export const observedFeedSchema = z.strictObject({ ...feedFields, sources: z.array(observedSource).min(1) });

export type ObservedSource = z.infer<typeof observedSource>;
export type SourceConfig = z.infer<typeof sourceSchema> | ObservedSource;
export interface FeedConfig extends Omit<z.infer<typeof feedSchema>, 'sources'> {
  readonly sources: readonly SourceConfig[];
}
export type PythHermesSource = z.infer<typeof pythHermesSource>;
export type PythOnchainSource = z.infer<typeof pythOnchainSource>;
export type ChainlinkSource = z.infer<typeof chainlinkSource>;
export type UniswapV3Source = z.infer<typeof uniswapV3Source>;
export type UniswapV2Source = z.infer<typeof uniswapV2Source>;

/** Who signs Pyth's updates. Data, never a constant: it was 13 of 19 until August 2026 and is 3 of 5 since. */
export const signerSetSchema = z.strictObject({
  index: z.int().nonnegative(),
  addresses: z.array(address).min(1),
  quorum: z.int().positive(),
  emitter: z.strictObject({
    chain: z.int().nonnegative(),
    address: z.string().regex(/^0x[0-9a-fA-F]{64}$/),
  }),
});
export type SignerSet = z.infer<typeof signerSetSchema>;

/** Hermes endpoint of the network file. Without a signer set it is refused, with a reason. */
export const hermesSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Name of the environment variable that holds the API key (never the key itself). */
  apiKeyEnv: z.string().nullable().default(null),
  signerSets: z.array(signerSetSchema).default([]),
});
export type HermesConfig = z.infer<typeof hermesSchema>;
