import { isSettled } from '../capacity/order.ts';
import { asAcross } from '../cross-chain/across-module.ts';
import { InvalidInputError } from '../errors.ts';
import { liquidationPrices, type MarginQuestion } from '../liquidation/liquidation-price.ts';
import { chargeOn } from '../modules/book/derivative.ts';
import { groupDerivatives } from '../modules/book/derivative-book.ts';
import type { MarginResult } from '../modules/module.ts';
import { wadFromNumber } from '../units/decimal.ts';
import { ceilDiv, WAD, type Wad } from '../units/wad.ts';
import type { StressScenario } from './scenarios.ts';
import { cutOff, shockedMarket } from './shock.ts';

export interface StressOutcome {
  readonly scenario: StressScenario;
  readonly margin: MarginResult;
  /** Change of equity against now; negative is a loss. */
  readonly changeWad: Wad;
  /** Equity after closing every perp at the scenario's cost. */
  readonly equityAfterClosingWad: Wad;
}

/** The account in each scenario, recalculated by its module. */
export function stressTest<P>(
  question: MarginQuestion<P>,
  scenarios: readonly StressScenario[],
): readonly StressOutcome[] {
  const { module, parameters, portfolio, markets, market } = question;
  const now = module.calculate(portfolio, markets, market, parameters);
  return scenarios.map((scenario) => {
    const shocked = shockedMarket(market, markets, scenario);
    const across = scenario.lostChain === null ? null : asAcross(module)?.without(scenario.lostChain);
    const reachable = across ? portfolio : cutOff(portfolio, markets, shocked, scenario.lostChain);
    const margin = (across ?? module).calculate(reachable, markets, shocked, parameters);
    let notional = 0n;
    for (const position of reachable.positions) {
      if (position.kind !== 'perp' && position.kind !== 'future') continue;
      if (isSettled(question, position.market)) continue;
      const { groups } = groupDerivatives([[position]], markets, shocked, Number.MAX_SAFE_INTEGER);
      if (groups[0]) notional += chargeOn(groups[0], position.sizeWad, WAD);
    }
    const costWad = ceilDiv(notional * wadFromNumber(scenario.closingCost), WAD);
    return {
      scenario,
      margin,
      changeWad: margin.equityWad - now.equityWad,
      equityAfterClosingWad: margin.equityWad - costWad,
    };
  });
}

export interface StressGrid {
  /** Moves of all volatile assets together, fractions. */
  readonly spotMoves: readonly number[];
  /** Multipliers of implied volatility. */
  readonly volatilities: readonly number[];
  /** Net maintenance margin, `[volatility][move]`. */
  readonly netMaintenanceWad: readonly (readonly Wad[])[];
}

/**
 * Net maintenance margin on a grid of common price moves and volatility multipliers, for a heat map.
 * @throws InvalidInputError for a move at or below -1, or a volatility multiplier that is not positive.
 */
export function stressGrid<P>(
  question: MarginQuestion<P>,
  spotMoves: readonly number[],
  volatilities: readonly number[],
): StressGrid {
  const { module, parameters, portfolio, markets, market } = question;
  spotMoves.forEach((move, i) => {
    if (!(move > -1 && move <= 100))
      throw new InvalidInputError(`spotMoves[${i}]`, 'must be above -1, at most 100');
  });
  volatilities.forEach((multiplier, i) => {
    if (!(multiplier > 0 && multiplier <= 100))
      throw new InvalidInputError(`volatilities[${i}]`, 'must be above 0, at most 100');
  });
  const base = { name: 'grid', source: 'grid', moves: {}, closingCost: 0, lostChain: null };
  return {
    spotMoves,
    volatilities,
    netMaintenanceWad: volatilities.map((volatility) =>
      spotMoves.map((others) => {
        const shocked = shockedMarket(market, markets, { ...base, others, volatility });
        return module.calculate(portfolio, markets, shocked, parameters).netMaintenanceWad;
      }),
    ),
  };
}

/** The smallest move that takes the account below maintenance, and of what. */
export interface ReverseStress {
  /** Asset that moves alone, or null when all move along their betas. */
  readonly asset: string | null;
  /** Fraction of price, signed. */
  readonly move: number;
}

/**
 * Reverse stress: of all single-asset moves and the common move along `betas`, the smallest in logarithm that brings net
 * maintenance margin to 0; null when none within 0.001 to 10 times the price does.
 */
export function reverseStress<P>(
  question: MarginQuestion<P>,
  betas: Readonly<Record<string, number>> | null = null,
): ReverseStress | null {
  const { byAsset, alongBeta } = liquidationPrices(question, betas);
  let best: ReverseStress | null = null;
  let size = Number.POSITIVE_INFINITY;
  const consider = (asset: string | null, scale: number | null) => {
    if (scale === null || Math.abs(Math.log(scale)) >= size) return;
    size = Math.abs(Math.log(scale));
    best = { asset, move: scale - 1 };
  };
  for (const [asset, { down, up }] of byAsset) {
    consider(asset, down);
    consider(asset, up);
  }
  consider(null, alongBeta?.down ?? null);
  consider(null, alongBeta?.up ?? null);
  return best;
}
