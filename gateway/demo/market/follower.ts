import type { SimulatorParameters } from './parameters.ts';
import { type Asset, RISKY_ASSETS, type RiskyAsset } from './source.ts';

/** How an asset without candles moves with one that has them: log return = beta x leader's + its own part. */
export interface Link {
  readonly leader: RiskyAsset;
  readonly beta: number;
  /** Share of the asset's own volatility that the leader does not explain: sqrt(1 - correlation^2). */
  readonly ownShare: number;
}

/**
 * The follower's leader is the replayed asset that it is most correlated with; beta = correlation x volatility /
 * leader's volatility, all from the simulator's parameters. Null when no risky asset is replayed.
 */
export function linkTo(asset: RiskyAsset, replayed: ReadonlySet<Asset>, p: SimulatorParameters): Link | null {
  const row = p.correlation[RISKY_ASSETS.indexOf(asset)]!;
  let best: Link | null = null;
  let strongest = Number.NEGATIVE_INFINITY;
  RISKY_ASSETS.forEach((leader, column) => {
    const correlation = row[column]!;
    if (leader === asset || !replayed.has(leader) || correlation <= strongest) return;
    strongest = correlation;
    const beta = (correlation * p.baseVolatility[asset]) / p.baseVolatility[leader];
    best = { leader, beta, ownShare: Math.sqrt(1 - correlation * correlation) };
  });
  return best;
}

/**
 * Parameters of the process that draws the followers' own parts: the simulator's regimes, seasonality and own jumps,
 * independent between assets, scaled by each own share, without jumps of the whole market (the leader has them).
 */
export function ownPartParameters(
  p: SimulatorParameters,
  links: ReadonlyMap<RiskyAsset, Link | null>,
): SimulatorParameters {
  if ([...links.values()].every((link) => link === null)) return p;
  const scaled = (asset: RiskyAsset) => p.baseVolatility[asset] * (links.get(asset)?.ownShare ?? 1);
  return {
    ...p,
    baseVolatility: { BTC: scaled('BTC'), ETH: scaled('ETH'), SOL: scaled('SOL') },
    correlation: RISKY_ASSETS.map((_, i) => RISKY_ASSETS.map((__, j) => (i === j ? 1 : 0))),
    marketJump: { ...p.marketJump, perYear: 0 },
  };
}
