import type { MarketSnapshot } from '../../market/market-data.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { wadToFloat } from '../../units/wad.ts';
import { addRevalued } from '../addons/revalue.ts';
import { bookAssets, sortBook } from '../book/book.ts';
import { constantOf, exposureOf, isInverse, netSize, notionalOf } from '../book/derivative.ts';
import type { OptionGroup } from '../book/option-book.ts';
import { depegRate, oracleRate } from '../book/rates.ts';
import { fundingRevaluer } from '../funding/lines.ts';
import { isPrice } from '../inputs.ts';
import { evaluateTerms, type LinearTerm } from '../linear-terms.ts';
import type { AnyMarket, RevaluedMargin, Revaluer } from '../module.ts';
import { addSettled } from '../settled/lines.ts';
import { stablePrice } from './calculate.ts';
import { NO_EXTRAS, type StandardExtras } from './extras.ts';
import { optionMargins } from './option-margin.ts';
import { optionRates } from './options.ts';
import { bufferOf, ratesOf, type StandardParameters } from './parameters.ts';

/** The formulas of `calculate` in float64; every term is of degree one in its asset's price. */
export function standardRevaluer(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: StandardParameters,
  { addOns, funding }: StandardExtras = NO_EXTRAS,
): Revaluer {
  const book = sortBook(portfolio, markets, market, p.option.maxDataAgeSeconds * 1000, funding !== null);
  const stable = stablePrice(market, p);
  const depeg = wadToFloat(depegRate(stable !== null && isPrice(stable) ? stable.priceWad : null, p.depeg));
  const assets = bookAssets(book);
  let constant = wadToFloat(portfolio.cashWad);
  const terms: LinearTerm[] = [];
  for (const group of book.perps) {
    const { market: definition, confidenceScore, positions } = group;
    const rates = ratesOf(p, definition.asset);
    let moving = 0;
    for (const position of positions) {
      constant += constantOf(group, position);
      moving += exposureOf(group, position);
    }
    terms.push({
      asset: assets.indexOf(definition.asset),
      value: moving,
      notional: Math.abs(notionalOf(group, netSize(positions))),
      fixedNotional: isInverse(group),
      initialRate: rates.perpInitial,
      maintenanceRate: rates.perpMaintenance,
      charge: wadToFloat(oracleRate(confidenceScore, p.oracleContingency)) + depeg,
      buffered: bufferOf(p, definition.asset) !== null,
      collateral: false,
      capped: false,
    });
  }
  for (const { market: definition, price, position } of book.collateral) {
    const rates = ratesOf(p, definition.asset);
    const value = wadToFloat(position.amountWad) * wadToFloat(price.priceWad);
    terms.push({
      asset: assets.indexOf(definition.asset),
      value,
      notional: value,
      initialRate: rates.initialHaircut,
      maintenanceRate: rates.maintenanceHaircut,
      charge: wadToFloat(oracleRate(price.confidenceScore, p.oracleContingency)),
      buffered: bufferOf(p, definition.asset) !== null,
      collateral: true,
      capped: p.capCollateralCharges,
    });
  }
  for (const { market: definition, price, position } of book.loans) {
    const rates = ratesOf(p, definition.asset);
    const value = wadToFloat(position.amountWad) * wadToFloat(price.priceWad);
    terms.push({
      asset: assets.indexOf(definition.asset),
      value: -value,
      notional: value,
      initialRate: rates.loanInitial,
      maintenanceRate: rates.loanMaintenance,
      charge: wadToFloat(oracleRate(price.confidenceScore, p.oracleContingency)),
      buffered: bufferOf(p, definition.asset) !== null,
      collateral: false,
      capped: false,
    });
  }
  const addFunding = funding === null ? null : fundingRevaluer(book, market, funding);
  return {
    assets,
    evaluate: (scale, initialFactor, maintenanceFactor, out) => {
      evaluateTerms(constant, terms, scale, initialFactor, maintenanceFactor, out);
      for (const group of book.options) {
        const asset = assets.indexOf(group.asset);
        const buffered = bufferOf(p, group.asset) !== null;
        const factors = {
          initial: buffered ? initialFactor[asset]! : 1,
          maintenance: buffered ? maintenanceFactor[asset]! : 1,
        };
        const charge = wadToFloat(oracleRate(group.confidenceScore, p.oracleContingency)) + depeg;
        addOptions(group, p, scale[asset]!, factors, charge, out);
      }
      const scaleOf = (asset: string) => scale[assets.indexOf(asset)]!;
      if (addOns !== null) addRevalued(book, market, addOns, scaleOf, out);
      if (book.settled.length > 0) addSettled(book, scaleOf, out);
      addFunding?.(scaleOf, out);
    },
  };
}

/** Options at constant volatility and time: forward and spot move together. */
function addOptions(
  group: OptionGroup,
  p: StandardParameters,
  scale: number,
  factors: { readonly initial: number; readonly maintenance: number },
  charge: number,
  out: RevaluedMargin,
): void {
  const spot = group.spot * scale;
  const forward = group.forward * scale;
  const initial = optionMargins(group, spot, forward, true, optionRates(p, factors.initial, true));
  const maintenance = optionMargins(group, spot, forward, false, optionRates(p, factors.maintenance, false));
  group.legs.forEach((leg, i) => {
    out.equity += initial.values[i]!;
    out.initialRequirement +=
      initial.requirements[i]! + (leg.contracts < 0 ? -leg.contracts * spot * charge : 0);
    out.maintenanceRequirement += maintenance.requirements[i]!;
  });
}
