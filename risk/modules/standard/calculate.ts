import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { wadFromNumber } from '../../units/decimal.ts';
import { addOnLines } from '../addons/lines.ts';
import { assembleResult } from '../assemble.ts';
import { bookAssets, type SortedBook, sortBook } from '../book/book.ts';
import { collateralLines } from '../book/collateral.ts';
import { loanLines } from '../book/loan.ts';
import { perpClosingCost, perpLines } from '../book/perp.ts';
import { bufferRates, depegRate, oracleRate, WHOLE } from '../book/rates.ts';
import { sensitivitiesOf } from '../book/sensitivities.ts';
import { fundingLines, NO_FUNDING, withFundingDeltas } from '../funding/lines.ts';
import { bufferView, isPrice, marginPrice } from '../inputs.ts';
import { line } from '../lines.ts';
import type { AnyMarket, BufferView, ContributionLine, MarginResult } from '../module.ts';
import { settledLines, settledSensitivities } from '../settled/lines.ts';
import { NO_EXTRAS, type StandardExtras } from './extras.ts';
import { optionLines, optionSensitivities } from './options.ts';
import { bufferOf, ratesOf, type StandardParameters } from './parameters.ts';

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

const NO_ADD_ONS = { lines: [], reasons: [] };

/** Margin of one account; pure and total. `extras`: what the version adds. Formulas: docs/modules/standard.md. */
export function calculateStandard(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: StandardParameters,
  { addOns, funding }: StandardExtras = NO_EXTRAS,
): MarginResult {
  const book = sortBook(portfolio, markets, market, p.option.maxDataAgeSeconds * 1000, funding !== null);
  const buffers = bookBuffers(book, market, p);
  const stable = stablePrice(market, p);
  const stableWad = stable !== null && isPrice(stable) ? stable.priceWad : null;
  const stableFailed =
    stable !== null && !isPrice(stable) && (book.perps.length > 0 || book.options.length > 0);
  const depegWad = depegRate(stableWad, p.depeg);
  const costRateWad = wadFromNumber(p.liquidationCostRate);

  const lines: ContributionLine[] = [line(null, 'cash', { equity: portfolio.cashWad })];
  let liquidationCostWad = 0n;
  for (const group of book.perps) {
    const { asset } = group.market;
    const rates = ratesOf(p, asset);
    const buffered = bufferRates(rates.perpInitial, rates.perpMaintenance, buffers.get(asset) ?? null);
    const oracleWad = oracleRate(group.confidenceScore, p.oracleContingency);
    lines.push(...perpLines(group, buffered, oracleWad, depegWad));
    liquidationCostWad += perpClosingCost(group, costRateWad);
  }
  for (const leg of book.collateral) {
    const { asset } = leg.market;
    const rates = ratesOf(p, asset);
    const buffer = buffers.get(asset) ?? null;
    const buffered = bufferRates(rates.initialHaircut, rates.maintenanceHaircut, buffer, WHOLE);
    const oracleWad = oracleRate(leg.price.confidenceScore, p.oracleContingency);
    lines.push(...collateralLines(leg.position, leg.price, buffered, oracleWad, p.capCollateralCharges));
  }
  for (const leg of book.loans) {
    const { asset } = leg.market;
    const rates = ratesOf(p, asset);
    const buffered = bufferRates(rates.loanInitial, rates.loanMaintenance, buffers.get(asset) ?? null);
    const oracleWad = oracleRate(leg.price.confidenceScore, p.oracleContingency);
    lines.push(...loanLines(leg.position, leg.price, buffered, oracleWad));
  }
  for (const group of book.options) {
    lines.push(...optionLines(group, p, buffers.get(group.asset) ?? null, depegWad));
  }

  lines.push(...settledLines(book));
  const funded = funding === null ? NO_FUNDING : fundingLines(book, market, funding);
  lines.push(...funded.lines);

  const added = addOns === null ? NO_ADD_ONS : addOnLines(book, market, addOns, lines);
  lines.push(...added.lines);
  const views = [...buffers.values()].filter((view) => view !== null);
  return assembleResult({
    book,
    lines,
    buffers: views,
    stableFailure: stableFailed && stable !== null && !isPrice(stable) ? stable : null,
    reasons: [...funded.reasons, ...added.reasons],
    failures: funded.failures,
    warningRatio: p.warningRatio,
    liquidationCostWad,
    sensitivities: [
      ...withFundingDeltas(sensitivitiesOf(book, lines), funded),
      ...book.options.flatMap((group) => optionSensitivities(group, p, buffers.get(group.asset) ?? null)),
      ...settledSensitivities(book),
    ],
  });
}
