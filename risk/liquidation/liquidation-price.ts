import { InvalidInputError } from '../errors.ts';
import type { MarketSnapshot } from '../market/market-data.ts';
import type { AnyMarket, MarginResult, Revaluer, RiskModule } from '../modules/module.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';

/** A question to a module about one account. */
export interface MarginQuestion<P> {
  readonly module: RiskModule<P>;
  readonly parameters: P;
  readonly portfolio: AnyPortfolio;
  readonly markets: ReadonlyMap<string, AnyMarket>;
  readonly market: MarketSnapshot;
}

/** Multipliers of price at which net maintenance margin reaches 0; null: none within the searched range. */
export interface LiquidationMove {
  readonly down: number | null;
  readonly up: number | null;
  /** True when the account is below maintenance already: both are 1 then. */
  readonly already: boolean;
}

export interface LiquidationPrices {
  /** By asset, others fixed. */
  readonly byAsset: ReadonlyMap<string, LiquidationMove>;
  /** All assets together, each by its beta; null when no betas were given. */
  readonly alongBeta: LiquidationMove | null;
}

const SMALLEST = 1e-3;
const LARGEST = 10;
const STEPS = 96;

/** First root of `net` from 1 towards `end`, on a geometric grid and then by bisection. */
function firstRoot(net: (scale: number) => number, end: number): number | null {
  const ratio = end ** (1 / STEPS);
  let inside = 1;
  for (let i = 1; i <= STEPS; i++) {
    let outside = i === STEPS ? end : ratio ** i;
    if (net(outside) >= 0) {
      inside = outside;
      continue;
    }
    for (let k = 0; k < 80 && Math.abs(outside - inside) > 1e-13 * inside; k++) {
      const middle = (inside + outside) / 2;
      if (net(middle) >= 0) inside = middle;
      else outside = middle;
    }
    return outside;
  }
  return null;
}

function moveOf(net: (scale: number) => number): LiquidationMove {
  if (net(1) < 0) return { down: 1, up: 1, already: true };
  return { down: firstRoot(net, SMALLEST), up: firstRoot(net, LARGEST), already: false };
}

/**
 * Moves at which a cross-margined account falls below maintenance, on the module's full repricing with the buffer
 * in force now: of each asset alone, and of all along their betas (price_i x (1 + beta_i (scale - 1))). Searched from
 * 0.001 to 10 times the price; with options the nearest crossing in each direction is the answer. Positions without
 * a value are left out: look at `failures` of the margin first.
 * @throws InvalidInputError for a beta that is not finite.
 */
export function liquidationPrices<P>(
  question: MarginQuestion<P>,
  betas: Readonly<Record<string, number>> | null = null,
): LiquidationPrices {
  const { module, parameters, portfolio, markets, market } = question;
  const now = module.calculate(portfolio, markets, market, parameters);
  const revaluer = module.revaluer(portfolio, markets, market, parameters);
  const net = netMaintenance(revaluer, now);
  const scale = new Float64Array(revaluer.assets.length);
  const byAsset = new Map(
    revaluer.assets.map((asset, i) => {
      const alone = (multiplier: number) => {
        scale.fill(1);
        scale[i] = multiplier;
        return net(scale);
      };
      return [asset, moveOf(alone)] as const;
    }),
  );
  if (betas === null) return { byAsset, alongBeta: null };
  const own = revaluer.assets.map((asset) => {
    const beta = Object.hasOwn(betas, asset) ? betas[asset]! : 0;
    if (!Number.isFinite(beta)) throw new InvalidInputError(`betas.${asset}`, 'must be finite');
    return beta;
  });
  const together = (multiplier: number) => {
    for (let i = 0; i < own.length; i++) scale[i] = Math.max(SMALLEST, 1 + own[i]! * (multiplier - 1));
    return net(scale);
  };
  return { byAsset, alongBeta: moveOf(together) };
}

/** Net maintenance margin as a function of price multipliers, at the buffer factors of `now`. */
export function netMaintenance(revaluer: Revaluer, now: MarginResult): (scale: Float64Array) => number {
  const factors = (key: 'initialFactor' | 'maintenanceFactor') =>
    Float64Array.from(
      revaluer.assets,
      (asset) => now.buffers.find((view) => view.asset === asset)?.[key] ?? 1,
    );
  const [initial, maintenance] = [factors('initialFactor'), factors('maintenanceFactor')];
  const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
  return (scale) => {
    revaluer.evaluate(scale, initial, maintenance, out);
    return out.equity - out.maintenanceRequirement;
  };
}
