import { cumulativeAt, meanBetween, type PairState } from '../../../oracles/uniswap/v2-mean.ts';

/**
 * Compound's anchored view: a reporter's price counts while it is near a pool's time-weighted price. A comparator for
 * the incident table (one reporter, one pool), no part of the product.
 */
export interface AnchorConfig {
  readonly pair: PairState;
  /** Smallest units of one token. */
  readonly baseUnit: bigint;
  /** True when the token is token1 of its pair. */
  readonly reversed: boolean;
}

const E18 = 10n ** 18n;
/** The contract divides UQ112x112 by floor(2^112 / 1e18). */
const Q112_PER_E18 = (1n << 112n) / E18;

/**
 * Anchor with 6 decimals over a window in which the pair did not trade.
 * @param conversion 1e18 for ETH itself, the ETH price with 6 decimals for tokens quoted in ETH
 */
export function anchorPrice(config: AnchorConfig, conversion: bigint, windowSeconds: number): bigint {
  const start = config.pair.updatedAtSeconds;
  const mean = meanBetween(
    cumulativeAt(config.pair, start),
    cumulativeAt(config.pair, start + windowSeconds),
  );
  const mantissa = (config.reversed ? mean.price1X112 : mean.price0X112) / Q112_PER_E18;
  const unscaled = mantissa * conversion;
  return config.reversed ? unscaled / config.baseUnit : (unscaled * config.baseUnit) / E18 / E18;
}

/** Whether the reporter's price lies within the tolerance (18 decimals) of the anchor. */
export function isNearAnchor(reported: bigint, anchor: bigint, tolerance: bigint): boolean {
  if (reported <= 0n) return false;
  const ratio = (anchor * E18) / reported;
  return ratio <= E18 + tolerance && ratio >= E18 - tolerance;
}
