import type { MarketSnapshot } from '../../market/market-data.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { blackGreeks, blackPrice } from '../../pricing/black76.ts';
import { settle } from '../../units/settle.ts';
import { wadToFloat } from '../../units/wad.ts';
import { addOnLines } from '../addons/lines.ts';
import { assembleResult } from '../assemble.ts';
import { bookAssets, type SortedBook, sortBook } from '../book/book.ts';
import { collateralLines } from '../book/collateral.ts';
import { exposureOf, netSize, notionalOf } from '../book/derivative.ts';
import { loanLines } from '../book/loan.ts';
import { optionGreeks } from '../book/option-greeks.ts';
import { perpEquityLines } from '../book/perp.ts';
import { bufferRates, oracleRate, WHOLE } from '../book/rates.ts';
import { sensitivitiesOf } from '../book/sensitivities.ts';
import { fundingLines, NO_FUNDING, withFundingDeltas } from '../funding/lines.ts';
import { isPrice } from '../inputs.ts';
import { line } from '../lines.ts';
import type {
  AnyMarket,
  ContributionLine,
  MarginResult,
  PositionFailure,
  PositionSensitivity,
} from '../module.ts';
import { settledLines, settledSensitivities } from '../settled/lines.ts';
import { depegCharges, NO_EXTRAS, type TailExtras, tailStable } from './extras.ts';
import { emptySamples, type FactorSamples, factorSamples } from './factors.ts';
import { type TailParameters, tailAssetOf } from './parameters.ts';
import { optionPnl, type TailPosition, tailRequirement } from './shortfall.ts';

/** Everything that can be simulated, and what cannot. */
export interface TailBook {
  readonly book: SortedBook;
  readonly samples: FactorSamples;
  readonly positions: readonly TailPosition[];
  readonly failures: readonly PositionFailure[];
}

/** Sorts the book and drops assets without history or forecast: their positions are failures. */
export function tailBook(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: TailParameters,
  { funding }: TailExtras = NO_EXTRAS,
): TailBook {
  const all = sortBook(portfolio, markets, market, p.maxDataAgeSeconds * 1000, funding !== null);
  const { samples, failures: missing } = factorSamples(bookAssets(all), market, p);
  const failures: PositionFailure[] = [];
  const kept = (asset: string, ids: readonly string[]): boolean => {
    const reason = missing.get(asset);
    if (reason) failures.push(...ids.map((positionId) => ({ positionId, reason })));
    return reason === undefined;
  };
  const ids = (positions: readonly { readonly id: string }[]) => positions.map(({ id }) => id);
  const book: SortedBook = {
    ...all,
    perps: all.perps.filter((group) => kept(group.market.asset, ids(group.positions))),
    collateral: all.collateral.filter((leg) => kept(leg.market.asset, [leg.position.id])),
    loans: all.loans.filter((leg) => kept(leg.market.asset, [leg.position.id])),
    options: all.options.filter((group) => kept(group.asset, ids(group.legs.map((leg) => leg.position)))),
  };
  return {
    book,
    samples: missing.size > 0 && samples.assets.length === 0 ? emptySamples() : samples,
    positions: simulated(book),
    failures,
  };
}

function simulated(book: SortedBook, scale: (asset: string) => number = () => 1): TailPosition[] {
  const linear = (
    owner: { id: string; chain: string | null },
    asset: string,
    notional: number,
  ): TailPosition => ({
    id: owner.id,
    chain: owner.chain,
    asset,
    pnl: (moved) => notional * (moved - 1),
  });
  return [
    ...book.perps.flatMap((group) => {
      const { asset } = group.market;
      return group.positions.map((each) => linear(each, asset, exposureOf(group, each) * scale(asset)));
    }),
    ...book.collateral.map(({ position, market, price }) =>
      linear(
        position,
        market.asset,
        wadToFloat(position.amountWad) * wadToFloat(price.priceWad) * scale(market.asset),
      ),
    ),
    ...book.loans.map(({ position, market, price }) =>
      linear(
        position,
        market.asset,
        -wadToFloat(position.amountWad) * wadToFloat(price.priceWad) * scale(market.asset),
      ),
    ),
    ...book.options.flatMap(({ asset, forward, tau, legs }) =>
      legs.map(({ position, size, strike, volatility, isCall }) => ({
        id: position.id,
        chain: position.chain,
        asset,
        pnl: optionPnl(size, forward * scale(asset), strike, tau, volatility, isCall),
      })),
    ),
  ];
}

/** The same positions at moved prices, for revaluation. */
export const movedPositions = simulated;

/** Cost to close a net notional: half spread plus square-root impact, as a rate. */
export function closingRate(p: TailParameters, asset: string, notional: number): number {
  const own = tailAssetOf(p, asset);
  return own.spread + own.impact * Math.sqrt(Math.abs(notional) / own.depth);
}

/** Liquidity and oracle charges of perps and options by position: the net notional of a market, signed shares. */
export function tailCharges(book: SortedBook, p: TailParameters, scale: (asset: string) => number = () => 1) {
  const charges: { owner: { id: string; chain: string | null }; liquidity: number; oracle: number }[] = [];
  for (const group of book.perps) {
    const { positions, market, confidenceScore } = group;
    const netWad = netSize(positions);
    const moved = scale(market.asset);
    const rate = closingRate(p, market.asset, notionalOf(group, netWad, moved));
    const doubt = wadToFloat(oracleRate(confidenceScore, p.oracleContingency));
    for (const owner of positions) {
      const notional = notionalOf(group, owner.sizeWad, moved) * Math.sign(Number(netWad));
      charges.push({ owner, liquidity: notional * rate, oracle: notional * doubt });
    }
  }
  for (const { asset, spot, forward, tau, legs, confidenceScore } of book.options) {
    const doubt = wadToFloat(oracleRate(confidenceScore, p.oracleContingency));
    const at = forward * scale(asset);
    for (const { position: owner, size, contracts, strike, volatility, isCall } of legs) {
      const delta = size * blackGreeks(at, strike, tau, volatility, 1, isCall).delta * at;
      const liquidity = Math.abs(delta) * closingRate(p, asset, delta);
      charges.push({ owner, liquidity, oracle: Math.abs(contracts) * spot * scale(asset) * doubt });
    }
  }
  return charges;
}

/** Expected-shortfall margin of one account; pure and total. Formulas: docs/modules/tail.md. */
export function calculateTail(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: TailParameters,
  extras: TailExtras = NO_EXTRAS,
): MarginResult {
  const { book, samples, positions, failures } = tailBook(portfolio, markets, market, p, extras);
  const required = tailRequirement(positions, samples, p);
  const lines: ContributionLine[] = [line(null, 'cash', { equity: portfolio.cashWad })];
  for (const group of book.perps) lines.push(...perpEquityLines(group));
  for (const { forward, tau, legs } of book.options) {
    for (const { position, size, strike, volatility, isCall } of legs) {
      const value = size * blackPrice(forward, strike, tau, volatility, 1, isCall);
      lines.push(line(position, 'option-value', { equity: settle(value, 'credit', 'option value') }));
    }
  }
  for (const leg of book.collateral) {
    const { haircut } = tailAssetOf(p, leg.market.asset);
    const oracleWad = oracleRate(leg.price.confidenceScore, p.oracleContingency);
    lines.push(
      ...collateralLines(
        leg.position,
        leg.price,
        bufferRates(haircut, haircut, null, WHOLE),
        oracleWad,
        true,
      ),
    );
  }
  for (const { position, price, market: definition } of book.loans) {
    const { haircut } = tailAssetOf(p, definition.asset);
    const oracleWad = oracleRate(price.confidenceScore, p.oracleContingency);
    lines.push(...loanLines(position, price, bufferRates(haircut, haircut, null, WHOLE), oracleWad));
  }
  positions.forEach((owner, i) => {
    const initial = settle(required.initial[i]!, 'debit', 'expected shortfall');
    const maintenance = settle(required.maintenance[i]!, 'debit', 'expected shortfall');
    lines.push(line(owner, 'expected-shortfall', { initial, maintenance }));
  });
  let liquidationCost = 0;
  for (const { owner, liquidity, oracle } of tailCharges(book, p)) {
    const cost = settle(liquidity, 'debit', 'liquidity');
    liquidationCost += liquidity;
    lines.push(line(owner, 'liquidity', { initial: cost, maintenance: cost }));
    if (oracle !== 0) lines.push(line(owner, 'oracle-contingency', { initial: settle(oracle, 'debit') }));
  }
  for (const { owner, amount } of depegCharges(book, market, extras))
    lines.push(line(owner, 'depeg', { initial: settle(amount, 'debit', 'depeg') }));
  for (const each of settledLines(book)) lines.push(each);
  const funded = extras.funding === null ? NO_FUNDING : fundingLines(book, market, extras.funding);
  for (const each of funded.lines) lines.push(each);
  const added = extras.addOns === null ? null : addOnLines(book, market, extras.addOns, lines);
  for (const each of added?.lines ?? []) lines.push(each);
  const stable = tailStable(market, extras);
  const needsStable = book.perps.length > 0 || book.options.length > 0;
  const result = assembleResult({
    book,
    lines,
    buffers: [],
    stableFailure: stable !== null && !isPrice(stable) && needsStable ? stable : null,
    reasons: [...funded.reasons, ...(added?.reasons ?? [])],
    warningRatio: p.warningRatio,
    liquidationCostWad: settle(liquidationCost, 'debit', 'liquidation cost'),
    sensitivities: [
      ...withFundingDeltas(sensitivitiesOf(book, lines), funded),
      ...optionSensitivities(book, samples, p),
      ...settledSensitivities(book),
    ],
    failures: [...failures, ...funded.failures],
  });
  return { ...result, reasons: [...result.reasons, ...samples.reasons] };
}

/** Relative bump for the slopes of the shortfall. */
const BUMP = 1e-3;

/** Deltas of options, and slopes of their share of the shortfall when their asset moves, by central difference. */
function optionSensitivities(
  book: SortedBook,
  samples: FactorSamples,
  p: TailParameters,
): PositionSensitivity[] {
  return [...new Set(book.options.map((group) => group.asset))].flatMap((asset) => {
    const groups = book.options.filter((group) => group.asset === asset);
    const at = (scale: number) => {
      const positions = simulated(book, (other) => (other === asset ? scale : 1));
      const required = tailRequirement(positions, samples, p);
      return new Map(
        positions.map(({ id }, i) => [id, [required.initial[i]!, required.maintenance[i]!] as const]),
      );
    };
    const [up, down] = [at(1 + BUMP), at(1 - BUMP)];
    return groups.flatMap((group) =>
      group.legs.map((leg) => {
        const { id } = leg.position;
        const slope = (k: 0 | 1) => (up.get(id)![k] - down.get(id)![k]) / (2 * BUMP * group.spot);
        return { ...optionGreeks(group, leg), initialSlope: slope(0), maintenanceSlope: slope(1) };
      }),
    );
  });
}
