import type { MarketSnapshot } from '../../market/market-data.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { wadFromNumber } from '../../units/decimal.ts';
import { WAD, wadToFloat } from '../../units/wad.ts';
import { assembleResult } from '../assemble.ts';
import { bookAssets, sortBook } from '../book/book.ts';
import { collateralLines } from '../book/collateral.ts';
import { constantOf, exposureOf, isInverse, notionalOf } from '../book/derivative.ts';
import { loanLines } from '../book/loan.ts';
import { perpClosingCost, perpLines } from '../book/perp.ts';
import type { Rates } from '../book/rates.ts';
import { sensitivitiesOf } from '../book/sensitivities.ts';
import { evaluateTerms, type LinearTerm } from '../linear-terms.ts';
import { line } from '../lines.ts';
import type { AnyMarket, ContributionLine, MarginResult, Revaluer, RiskModule } from '../module.ts';
import { parameterMembers } from '../parameter-schema.ts';
import { requirementsOf } from '../requirements.ts';
import { type FixedParameters, fixedRatesOf, fixedSchema } from './parameters.ts';

/** Age limit of the forward that marks a future without a feed of its own. */
const MAX_FORWARD_AGE_MS = 300_000;

function constantRates(initialWad: bigint, maintenanceWad: bigint): Rates {
  return { baseInitialWad: initialWad, baseMaintenanceWad: maintenanceWad, initialWad, maintenanceWad };
}

/** Splits off options: this generation has no rule for them, so each is a failure and not a zero. */
function withoutOptions(portfolio: AnyPortfolio) {
  const positions = portfolio.positions.filter((position) => position.kind !== 'option');
  const failures = portfolio.positions
    .filter((position) => position.kind === 'option')
    .map(({ id }) => ({
      positionId: id,
      reason: {
        code: 'unsupported-position',
        message: 'the fixed module has no rule for options',
        subject: id,
      },
    }));
  return { portfolio: { ...portfolio, positions }, failures };
}

/** Isolated static thresholds: every perp by itself, collateral by loan-to-value and liquidation threshold. */
function calculateFixed(
  given: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: FixedParameters,
): MarginResult {
  const { portfolio, failures } = withoutOptions(given);
  const book = sortBook(portfolio, markets, market, MAX_FORWARD_AGE_MS);
  const lines: ContributionLine[] = [line(null, 'cash', { equity: portfolio.cashWad })];
  const costRateWad = wadFromNumber(p.liquidationCostRate);
  let liquidationCostWad = 0n;
  for (const group of book.perps) {
    const own = fixedRatesOf(p, group.market.asset);
    const rates = constantRates(wadFromNumber(own.initial), wadFromNumber(own.maintenance));
    for (const position of group.positions) {
      const alone = { ...group, positions: [position] };
      lines.push(...perpLines(alone, rates, 0n, 0n));
      liquidationCostWad += perpClosingCost(alone, costRateWad);
    }
  }
  for (const leg of book.collateral) {
    const own = fixedRatesOf(p, leg.market.asset);
    const haircut = (share: number) => WAD - wadFromNumber(share);
    const rates = constantRates(haircut(own.loanToValue), haircut(own.liquidationThreshold));
    lines.push(...collateralLines(leg.position, leg.price, rates, 0n, true));
  }
  for (const leg of book.loans) lines.push(...loanLines(leg.position, leg.price, constantRates(0n, 0n), 0n));
  return assembleResult({
    book,
    lines,
    buffers: [],
    stableFailure: null,
    warningRatio: p.warningRatio,
    liquidationCostWad,
    sensitivities: sensitivitiesOf(book, lines),
    failures,
  });
}

function fixedRevaluer(
  given: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: FixedParameters,
): Revaluer {
  const { portfolio } = withoutOptions(given);
  const book = sortBook(portfolio, markets, market, MAX_FORWARD_AGE_MS);
  const assets = bookAssets(book);
  const terms: LinearTerm[] = [];
  let constant = wadToFloat(portfolio.cashWad);
  const common = { charge: 0, buffered: false, capped: true };
  for (const group of book.perps) {
    const own = fixedRatesOf(p, group.market.asset);
    for (const position of group.positions) {
      constant += constantOf(group, position);
      terms.push({
        ...common,
        asset: assets.indexOf(group.market.asset),
        value: exposureOf(group, position),
        notional: Math.abs(notionalOf(group, position.sizeWad)),
        fixedNotional: isInverse(group),
        initialRate: own.initial,
        maintenanceRate: own.maintenance,
        collateral: false,
      });
    }
  }
  for (const { market: definition, price, position } of book.collateral) {
    const own = fixedRatesOf(p, definition.asset);
    const value = wadToFloat(position.amountWad) * wadToFloat(price.priceWad);
    terms.push({
      ...common,
      asset: assets.indexOf(definition.asset),
      value,
      notional: value,
      initialRate: 1 - own.loanToValue,
      maintenanceRate: 1 - own.liquidationThreshold,
      collateral: true,
    });
  }
  for (const { market: definition, price, position } of book.loans) {
    const value = wadToFloat(position.amountWad) * wadToFloat(price.priceWad);
    terms.push({
      ...common,
      asset: assets.indexOf(definition.asset),
      value: -value,
      notional: 0,
      initialRate: 0,
      maintenanceRate: 0,
      collateral: false,
    });
  }
  return {
    assets,
    evaluate: (scale, initialFactor, maintenanceFactor, out) =>
      evaluateTerms(constant, terms, scale, initialFactor, maintenanceFactor, out),
  };
}

/**
 * Health of a loan: sum of collateral value x liquidation threshold over the debt; below 1 it may be liquidated. null
 * without a debt. Values in quote, any common unit.
 */
export function lendingHealth(
  collateral: readonly { readonly value: number; readonly liquidationThreshold: number }[],
  debt: number,
): number | null {
  if (!(debt > 0)) return null;
  return collateral.reduce((sum, each) => sum + each.value * each.liquidationThreshold, 0) / debt;
}

/** `fixed` 1.0.0: isolated static thresholds, without a buffer. */
export const fixedModule: RiskModule<FixedParameters> = {
  id: 'fixed',
  version: '1.0.0',
  title: 'Isolated static thresholds',
  ...parameterMembers(fixedSchema),
  requirements: (portfolio, markets) => requirementsOf(portfolio, markets, () => null, []),
  calculate: calculateFixed,
  bufferParameters: () => null,
  revaluer: fixedRevaluer,
};
