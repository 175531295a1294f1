/** Kinds of assets that move alike: what is a jump for a stablecoin is an ordinary hour for a small token. */
export const ASSET_CLASSES = ['major', 'stable', 'lst', 'longtail', 'fx'] as const;
export type AssetClass = (typeof ASSET_CLASSES)[number];

/** Limits of the guards that depend on what is priced. Shares are in basis points. */
export interface ClassLimits {
  /** Groups further than this from the median of the others are left out. */
  readonly maxDeviationBps: number;
  readonly maxConfidenceBps: number;
  /** Groups that must agree for new risk and liquidation, and for margin unless history confirms fewer. */
  readonly fullGroups: number;
  /** Farther than this from what is remembered and the move needs proof from deep markets. */
  readonly jumpBps: number;
  /** Agreeing groups of known depth that prove a move; 0 where depth goes without saying. */
  readonly deepGroups: number;
  /** The market may be this far above the growth limit of a rate, or below the rate, without an alarm. */
  readonly anchorToleranceBps: number;
}

/**
 * Defaults by class. Where each figure comes from: docs/oracles.md. They are limits of what is normal, wide enough
 * for calm markets of the class and far below what the known failures showed.
 */
export const CLASS_LIMITS: Readonly<Record<AssetClass, ClassLimits>> = {
  major: {
    maxDeviationBps: 300,
    maxConfidenceBps: 200,
    fullGroups: 3,
    jumpBps: 800,
    deepGroups: 0,
    anchorToleranceBps: 300,
  },
  stable: {
    maxDeviationBps: 100,
    maxConfidenceBps: 100,
    fullGroups: 3,
    jumpBps: 200,
    deepGroups: 1,
    anchorToleranceBps: 100,
  },
  lst: {
    maxDeviationBps: 150,
    maxConfidenceBps: 150,
    fullGroups: 3,
    jumpBps: 800,
    deepGroups: 1,
    anchorToleranceBps: 100,
  },
  longtail: {
    maxDeviationBps: 500,
    maxConfidenceBps: 300,
    fullGroups: 3,
    jumpBps: 1500,
    deepGroups: 2,
    anchorToleranceBps: 500,
  },
  fx: {
    maxDeviationBps: 100,
    maxConfidenceBps: 100,
    fullGroups: 3,
    jumpBps: 200,
    deepGroups: 1,
    anchorToleranceBps: 100,
  },
};
