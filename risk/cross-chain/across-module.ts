import { type BufferParameters, bufferKey } from '../buffer/parameters.ts';
import type { BufferSchedule } from '../buffer/schedule.ts';
import type { MarketSnapshot } from '../market/market-data.ts';
import type { AnyMarket, MarginResult, PositionFailure, Revaluer, RiskModule } from '../modules/module.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { shockedMarket } from '../stress/shock.ts';
import { wadToFloat } from '../units/wad.ts';
import { type AcrossChains, acrossChains, type ChainState } from './across.ts';
import { splitsOf } from './cut.ts';
import type { HaircutParameters } from './haircut.ts';

/** Where the books of an account lie, beside the portfolio itself. Plain data. */
export interface AcrossContext {
  readonly states: readonly ChainState[];
  readonly haircut: HaircutParameters;
  /** Venues whose books nobody knows: the account is `unknown` with them. */
  readonly failures: readonly PositionFailure[];
}

const DEFAULT_WARNING_RATIO = 0.1;

/**
 * Margin of an account over several chains under a module: `acrossChains` of the whole account and, while chains are cut
 * off, of its books apart, all at one snapshot.
 * @throws InvalidInputError for more than MAX_CUT_CHAINS
 */
export function marginAcrossChains<P>(
  module: RiskModule<P>,
  { states, haircut, failures }: AcrossContext,
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  parameters: P,
): AcrossChains {
  const calculate = (book: AnyPortfolio) => module.calculate(book, markets, market, parameters);
  const cut = states.flatMap((state) => (state.cut === null ? [] : [state.chain]));
  const ratio = (parameters as { readonly warningRatio?: unknown } | null)?.warningRatio;
  const across = acrossChains({
    portfolio,
    markets,
    result: calculate(portfolio),
    splits: splitsOf(portfolio, cut).map((parts) => parts.map(calculate)),
    states,
    volatility: market.volatility,
    parameters: haircut,
    warningRatio: typeof ratio === 'number' ? ratio : DEFAULT_WARNING_RATIO,
  });
  if (failures.length === 0) return across;
  const { result } = across;
  return {
    ...across,
    result: { ...result, status: 'unknown', failures: [...result.failures, ...failures] },
  };
}

/** A module that margins an account where it lies: whatever searches over it searches over the margin of GET margin. */
export interface AcrossModule<P> extends RiskModule<P> {
  /** The same with one more chain cut off. */
  without(chain: string): AcrossModule<P>;
  /** `calculate`, with what would have to move. */
  across(
    portfolio: AnyPortfolio,
    markets: ReadonlyMap<string, AnyMarket>,
    market: MarketSnapshot,
    parameters: P,
  ): AcrossChains;
  readonly cutChains: ReadonlySet<string>;
}

/** `module` for one account over several chains; its answers are those of `marginAcrossChains`. */
export function acrossModule<P>(module: RiskModule<P>, context: AcrossContext): AcrossModule<P> {
  const { states } = context;
  const across: AcrossModule<P>['across'] = (...book) => marginAcrossChains(module, context, ...book);
  const calculate: RiskModule<P>['calculate'] = (...book): MarginResult => across(...book).result;
  return {
    ...module,
    calculate,
    across,
    revaluer: (portfolio, markets, market, parameters) => ({
      assets: module.revaluer(portfolio, markets, market, parameters).assets,
      evaluate: revaluation(module, calculate, portfolio, markets, market, parameters),
    }),
    cutChains: new Set(states.flatMap(({ chain, cut }) => (cut === null ? [] : [chain]))),
    without(chain) {
      const cut = {
        code: 'chain-lost',
        message: `chain ${chain} is taken as cut off: its losses count, its value does not`,
        subject: chain,
      };
      const known = states.some((state) => state.chain === chain);
      const all = known ? states : [...states, { chain, link: null, cut: null }];
      const lost = all.map((state) =>
        state.chain === chain && state.cut === null ? { ...state, cut } : state,
      );
      return acrossModule(module, { ...context, states: lost });
    },
  };
}

/** The module if it margins over chains; null for any other. */
export function asAcross<P>(module: RiskModule<P>): AcrossModule<P> | null {
  return 'cutChains' in module ? (module as AcrossModule<P>) : null;
}

/**
 * Revaluation by whole calculations: what a chain lacks, and so the haircuts, follow from the lines, which the float
 * revaluers of the modules do not have. Some hundred times as slow as those.
 */
function revaluation<P>(
  module: RiskModule<P>,
  calculate: RiskModule<P>['calculate'],
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  parameters: P,
): Revaluer['evaluate'] {
  const { assets } = module.revaluer(portfolio, markets, market, parameters);
  const own = assets.map((asset) => module.bufferParameters(asset, parameters));
  return (scale, initialFactor, maintenanceFactor, out) => {
    const moves = Object.fromEntries(assets.map((asset, index) => [asset, scale[index]! - 1]));
    const moved = shockedMarket(market, markets, { ...STILL, moves });
    const buffers = new Map(moved.buffers ?? []);
    assets.forEach((asset, index) => {
      const buffer = own[index]!;
      if (buffer === null) return;
      const [initial, maintenance] = [initialFactor[index]!, maintenanceFactor[index]!];
      buffers.set(asset, heldAt(asset, buffer, initial, maintenance, market.asOfMs));
    });
    const result = calculate(portfolio, markets, { ...moved, buffers }, parameters);
    out.equity = wadToFloat(result.equityWad);
    out.initialRequirement = wadToFloat(result.initialRequirementWad);
    out.maintenanceRequirement = wadToFloat(result.maintenanceRequirementWad);
  };
}

const STILL = {
  name: 'revaluation',
  source: 'revaluation',
  others: 0,
  volatility: 1,
  closingCost: 0,
  lostChain: null,
};

/** A buffer that stands at these factors. */
function heldAt(
  asset: string,
  parameters: BufferParameters,
  initialFactor: number,
  maintenanceFactor: number,
  nowMs: number,
): BufferSchedule {
  const still = (factor: number) => ({
    from: factor,
    to: factor,
    startMs: nowMs,
    endMs: null,
    halfLifeMs: 1,
  });
  return {
    version: 1,
    key: bufferKey(asset, parameters),
    asset,
    horizonHours: parameters.horizonHours,
    updatedAtMs: nowMs,
    initial: still(initialFactor),
    maintenance: still(maintenanceFactor),
    fallsUntilMs: nowMs,
    forecastAsOfMs: null,
    sigmaQuantile: null,
    sigmaReference: null,
    model: 'held',
    modelVersion: '1',
    policy: parameters.policy,
    reasons: [],
  };
}
