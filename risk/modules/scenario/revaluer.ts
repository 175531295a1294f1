import type { MarketSnapshot } from '../../market/market-data.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { wadToFloat } from '../../units/wad.ts';
import { addRevalued } from '../addons/revalue.ts';
import { bookAssets } from '../book/book.ts';
import { constantOf, exposureOf } from '../book/derivative.ts';
import { oracleRate } from '../book/rates.ts';
import { fundingRevaluer } from '../funding/lines.ts';
import { isPrice } from '../inputs.ts';
import { evaluateTerms, type LinearTerm } from '../linear-terms.ts';
import type { AnyMarket, Revaluer } from '../module.ts';
import { addSettled } from '../settled/lines.ts';
import { sortScenarioBook, stableOf, type TermsAt } from './calculate.ts';
import { NO_EXTRAS, type ScenarioExtras } from './extras.ts';
import type { ScenarioLosses } from './losses.ts';
import { cancelledBy, ownOf, type ScenarioCommon, scenarioBufferOf } from './module-parameters.ts';
import { savedTogether } from './offset.ts';
import { positionCharges } from './position-charges.ts';
import { bufferedTerms, type ScenarioTerms } from './terms.ts';
import { quantityOf, underlyingsOf, underlyingTotals } from './underlying.ts';

/** Full repricing of the grid at moved prices, float64; volatilities and time stay. */
export function scenarioRevaluer<P extends ScenarioCommon>(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: P,
  termsAt: TermsAt<P>,
  extras: ScenarioExtras = NO_EXTRAS,
): Revaluer {
  const book = sortScenarioBook(portfolio, markets, market, p, extras);
  const { addOns, classes, funding } = extras;
  const stable = stableOf(market, p);
  const terms = termsAt(p, stable !== null && isPrice(stable) ? wadToFloat(stable.priceWad) : 1);
  const assets = bookAssets(book);
  const underlyings = underlyingsOf(book, (asset) => cancelledBy(p, asset));
  const onGrid = new Set(
    underlyings.flatMap((u) => [...u.cancelling, ...u.loans].map((leg) => leg.position.id)),
  );
  let constant = wadToFloat(portfolio.cashWad);
  const linear: LinearTerm[] = [];
  const value = (asset: string, amount: number): LinearTerm => ({
    asset: assets.indexOf(asset),
    value: amount,
    notional: amount,
    initialRate: 0,
    maintenanceRate: 0,
    charge: 0,
    buffered: false,
    collateral: false,
    capped: false,
  });
  for (const group of book.perps) {
    for (const position of group.positions) {
      constant += constantOf(group, position);
      linear.push(value(group.market.asset, exposureOf(group, position)));
    }
  }
  for (const leg of [...book.collateral, ...book.loans]) {
    const { asset } = leg.market;
    const isLoan = leg.position.kind === 'loan';
    const own = ownOf(p, asset);
    const maintenanceRate = own?.maintenanceHaircut ?? p.maintenanceHaircut;
    linear.push({
      ...value(asset, quantityOf(leg)),
      value: isLoan ? -quantityOf(leg) : quantityOf(leg),
      maintenanceRate,
      initialRate: Math.min(1, maintenanceRate + (own?.initialHaircut ?? p.initialHaircut)),
      charge: wadToFloat(oracleRate(leg.price.confidenceScore, terms.confidence)),
      buffered: !onGrid.has(leg.position.id) && scenarioBufferOf(p, asset) !== null,
      collateral: true,
      capped: !isLoan,
    });
  }
  const byFactor = new Map<number, ScenarioTerms>();
  const termsAtFactor = (factor: number): ScenarioTerms => {
    const known = byFactor.get(factor) ?? bufferedTerms(terms, factor);
    byFactor.set(factor, known);
    return known;
  };
  const members = classes.map(({ assets: own, credit }) => ({
    credit,
    places: [...underlyings.keys()].filter((k) => own.includes(underlyings[k]!.asset)),
  }));
  const saved = (grids: readonly ScenarioLosses[]) =>
    members.reduce(
      (sum, { credit, places }) => sum + credit * savedTogether(places.map((k) => grids[k]!)),
      0,
    );
  const addFunding = funding === null ? null : fundingRevaluer(book, market, funding);
  const initialLossFactor = terms.initialLossFactor + terms.depegFactor;
  return {
    assets,
    evaluate: (scale, initialFactor, maintenanceFactor, out) => {
      evaluateTerms(constant, linear, scale, initialFactor, maintenanceFactor, out);
      const initialGrids: ScenarioLosses[] = [];
      const maintenanceGrids: ScenarioLosses[] = [];
      for (const u of underlyings) {
        const a = assets.indexOf(u.asset);
        const buffered = scenarioBufferOf(p, u.asset) !== null;
        const moved = scale[a]!;
        const [atInitial, atMaintenance] = buffered ? [initialFactor[a]!, maintenanceFactor[a]!] : [1, 1];
        const initial = underlyingTotals(u, termsAtFactor(atInitial), moved);
        const maintenance =
          atMaintenance === atInitial ? initial : underlyingTotals(u, termsAtFactor(atMaintenance), moved);
        out.equity += initial.value;
        initialGrids.push(initial.grid);
        maintenanceGrids.push(maintenance.grid);
        out.initialRequirement -= initial.loss * initialLossFactor;
        out.maintenanceRequirement -= maintenance.loss * terms.maintenanceLossFactor;
        for (const charge of positionCharges(u, terms, moved)) {
          out.initialRequirement += charge.initial;
          out.maintenanceRequirement += charge.maintenance;
        }
      }
      if (members.length > 0) {
        out.initialRequirement -= saved(initialGrids) * initialLossFactor;
        out.maintenanceRequirement -= saved(maintenanceGrids) * terms.maintenanceLossFactor;
      }
      const scaleOf = (asset: string) => scale[assets.indexOf(asset)]!;
      if (addOns !== null) addRevalued(book, market, addOns, scaleOf, out);
      if (book.settled.length > 0) addSettled(book, scaleOf, out);
      addFunding?.(scaleOf, out);
    },
  };
}
