import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { wadFromNumber } from '../../units/decimal.ts';
import { mulWadUp } from '../../units/wad.ts';
import { bufferView, isPrice, marginPrice, priceRemarks } from '../inputs.ts';
import { line, sumLines } from '../lines.ts';
import type { AnyMarket, BufferView, ContributionLine, MarginResult } from '../module.ts';
import { statusOf } from '../status.ts';
import { bookAssets, type SortedBook, sortBook } from './book.ts';
import { collateralLines } from './collateral.ts';
import { optionLines, optionSensitivities } from './options.ts';
import { bufferOf, ratesOf, type StandardParameters } from './parameters.ts';
import { perpClosingCost, perpLines } from './perp.ts';
import { bufferRates, depegRate, oracleRate, WHOLE } from './rates.ts';
import { sensitivitiesOf } from './sensitivities.ts';

/** Buffers of all assets in the book, null where the parameters switch it off. */
export function bookBuffers(book: SortedBook, market: MarketSnapshot, p: StandardParameters) {
  const buffers = new Map<string, BufferView | null>();
  for (const asset of bookAssets(book)) {
    const own = bufferOf(p, asset);
    buffers.set(asset, own === null ? null : bufferView(market, asset, own));
  }
  return buffers;
}

/** The settlement stablecoin's price: null when no charge is configured, a reason when it cannot be had. */
export function stablePrice(market: MarketSnapshot, p: StandardParameters): MarketPrice | Reason | null {
  return p.depeg.feedId === null ? null : marginPrice(market, p.depeg.feedId);
}

/** Margin of one account; pure and total. Formulas: docs/modules/standard.md. */
export function calculateStandard(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: StandardParameters,
): MarginResult {
  const book = sortBook(portfolio, markets, market, p.option.maxDataAgeSeconds * 1000);
  const buffers = bookBuffers(book, market, p);
  const stable = stablePrice(market, p);
  const stableWad = stable !== null && isPrice(stable) ? stable.priceWad : null;
  const stableFailed =
    stable !== null && !isPrice(stable) && (book.perps.length > 0 || book.options.length > 0);
  const depegWad = depegRate(stableWad, p);
  const costRateWad = wadFromNumber(p.liquidationCostRate);

  const lines: ContributionLine[] = [line(null, 'cash', { equity: portfolio.cashWad })];
  let liquidationCostWad = 0n;
  for (const group of book.perps) {
    const { asset } = group.market;
    const rates = ratesOf(p, asset);
    const buffered = bufferRates(rates.perpInitial, rates.perpMaintenance, buffers.get(asset) ?? null);
    const oracleWad = oracleRate(group.confidenceScore, p);
    lines.push(...perpLines(group.positions, group.price, buffered, oracleWad, depegWad));
    liquidationCostWad += perpClosingCost(group.positions, group.price.priceWad, costRateWad);
  }
  for (const leg of book.collateral) {
    const { asset } = leg.market;
    const rates = ratesOf(p, asset);
    const buffer = buffers.get(asset) ?? null;
    const buffered = bufferRates(rates.initialHaircut, rates.maintenanceHaircut, buffer, WHOLE);
    const oracleWad = oracleRate(leg.price.confidenceScore, p);
    lines.push(...collateralLines(leg.position, leg.price, buffered, oracleWad, p.capCollateralCharges));
  }
  for (const group of book.options) {
    lines.push(...optionLines(group, p, buffers.get(group.asset) ?? null, depegWad));
  }

  const totals = sumLines(lines);
  const netInitialWad = totals.equityWad - totals.initialWad;
  const netMaintenanceWad = totals.equityWad - totals.maintenanceWad;
  const views = [...buffers.values()].filter((view) => view !== null);
  return {
    equityWad: totals.equityWad,
    initialRequirementWad: totals.initialWad,
    maintenanceRequirementWad: totals.maintenanceWad,
    netInitialWad,
    netMaintenanceWad,
    status: statusOf({
      equityWad: totals.equityWad,
      netInitialWad,
      netMaintenanceWad,
      warningLevelWad: mulWadUp(totals.initialWad, wadFromNumber(p.warningRatio)),
      liquidationCostWad,
      failed: book.failures.length > 0 || stableFailed,
    }),
    lines,
    buffers: views.sort((a, b) => (a.asset < b.asset ? -1 : 1)),
    failures: book.failures,
    reasons: reasonsOf(book, views, stableFailed && stable !== null && !isPrice(stable) ? stable : null),
    sensitivities: [
      ...sensitivitiesOf(book, lines),
      ...book.options.flatMap((group) => optionSensitivities(group, p, buffers.get(group.asset) ?? null)),
    ],
  };
}

/** Account-level remarks, each once. */
function reasonsOf(book: SortedBook, buffers: readonly BufferView[], stable: Reason | null): Reason[] {
  const all: Reason[] = stable === null ? [] : [stable];
  for (const { price } of [...book.perps, ...book.collateral, ...book.options])
    all.push(...priceRemarks(price));
  for (const view of buffers) all.push(...view.reasons);
  const seen = new Set<string>();
  return all.filter((reason) => {
    const key = `${reason.code}\n${reason.subject ?? ''}\n${reason.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
