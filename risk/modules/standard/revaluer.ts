import type { MarketSnapshot } from '../../market/market-data.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { wadToFloat } from '../../units/wad.ts';
import { isPrice } from '../inputs.ts';
import type { AnyMarket, RevaluedMargin, Revaluer } from '../module.ts';
import { bookAssets, sortBook } from './book.ts';
import { stablePrice } from './calculate.ts';
import type { OptionGroup } from './option-book.ts';
import { optionMargins } from './option-margin.ts';
import { optionRates } from './options.ts';
import { bufferOf, ratesOf, type StandardParameters } from './parameters.ts';
import { netSize } from './perp.ts';
import { depegRate, oracleRate } from './rates.ts';

/** What one line of the book contributes when its asset's price is multiplied by a scale. */
interface Term {
  readonly asset: number;
  /** d equity / d scale. */
  readonly value: number;
  /** Amount the rates apply to, at scale 1. */
  readonly notional: number;
  readonly initialRate: number;
  readonly maintenanceRate: number;
  /** Unbuffered initial charge (oracle contingency, depeg). */
  readonly charge: number;
  readonly buffered: boolean;
  /** Collateral: charges never exceed the value. */
  readonly collateral: boolean;
  readonly capped: boolean;
}

/** The formulas of `calculate` in float64; every term is of degree one in its asset's price. */
export function standardRevaluer(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: StandardParameters,
): Revaluer {
  const book = sortBook(portfolio, markets, market, p.option.maxDataAgeSeconds * 1000);
  const stable = stablePrice(market, p);
  const depeg = wadToFloat(depegRate(stable !== null && isPrice(stable) ? stable.priceWad : null, p));
  const assets = bookAssets(book);
  let constant = wadToFloat(portfolio.cashWad);
  const terms: Term[] = [];
  for (const { market: definition, price, confidenceScore, positions } of book.perps) {
    const rates = ratesOf(p, definition.asset);
    const spot = wadToFloat(price.priceWad);
    const net = wadToFloat(netSize(positions));
    for (const position of positions) {
      constant +=
        wadToFloat(position.unsettledFundingWad) -
        wadToFloat(position.sizeWad) * wadToFloat(position.entryPriceWad);
    }
    terms.push({
      asset: assets.indexOf(definition.asset),
      value: net * spot,
      notional: Math.abs(net) * spot,
      initialRate: rates.perpInitial,
      maintenanceRate: rates.perpMaintenance,
      charge: wadToFloat(oracleRate(confidenceScore, p)) + depeg,
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
      charge: wadToFloat(oracleRate(price.confidenceScore, p)),
      buffered: bufferOf(p, definition.asset) !== null,
      collateral: true,
      capped: p.capCollateralCharges,
    });
  }
  return {
    assets,
    evaluate: (scale, initialFactor, maintenanceFactor, out) => {
      evaluate(constant, terms, scale, initialFactor, maintenanceFactor, out);
      for (const group of book.options) {
        const asset = assets.indexOf(group.asset);
        const buffered = bufferOf(p, group.asset) !== null;
        const factors = {
          initial: buffered ? initialFactor[asset]! : 1,
          maintenance: buffered ? maintenanceFactor[asset]! : 1,
        };
        const charge = wadToFloat(oracleRate(group.confidenceScore, p)) + depeg;
        addOptions(group, p, scale[asset]!, factors, charge, out);
      }
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
    out.initialRequirement += initial.requirements[i]! + (leg.size < 0 ? -leg.size * spot * charge : 0);
    out.maintenanceRequirement += maintenance.requirements[i]!;
  });
}

function evaluate(
  constant: number,
  terms: readonly Term[],
  scale: Float64Array,
  initialFactor: Float64Array,
  maintenanceFactor: Float64Array,
  out: RevaluedMargin,
): void {
  let equity = constant;
  let initial = 0;
  let maintenance = 0;
  for (const term of terms) {
    const moved = scale[term.asset]!;
    let initialRate = term.initialRate * (term.buffered ? initialFactor[term.asset]! : 1);
    let maintenanceRate = term.maintenanceRate * (term.buffered ? maintenanceFactor[term.asset]! : 1);
    if (term.collateral) {
      initialRate = Math.min(1, initialRate);
      maintenanceRate = Math.min(1, maintenanceRate);
    }
    initialRate += term.capped ? Math.min(term.charge, 1 - initialRate) : term.charge;
    equity += term.value * moved;
    initial += term.notional * moved * initialRate;
    maintenance += term.notional * moved * maintenanceRate;
  }
  out.equity = equity;
  out.initialRequirement = initial;
  out.maintenanceRequirement = maintenance;
}
