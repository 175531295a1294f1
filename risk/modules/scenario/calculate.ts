import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import type { AnyPortfolio } from '../../portfolio/portfolio.ts';
import { wadFromNumber } from '../../units/decimal.ts';
import { settle } from '../../units/settle.ts';
import { wadToFloat } from '../../units/wad.ts';
import { addOnLines } from '../addons/lines.ts';
import { assembleResult } from '../assemble.ts';
import { bookAssets, type SortedBook, sortBook } from '../book/book.ts';
import { collateralLines } from '../book/collateral.ts';
import { exposureOf } from '../book/derivative.ts';
import { loanLines } from '../book/loan.ts';
import { perpClosingCost, perpEquityLines } from '../book/perp.ts';
import { bufferRates, oracleRate, WHOLE } from '../book/rates.ts';
import { fundingLines, NO_FUNDING, withFundingDeltas } from '../funding/lines.ts';
import { bufferView, isPrice, marginPrice } from '../inputs.ts';
import { line } from '../lines.ts';
import type { AnyMarket, BufferView, ContributionLine, MarginResult, WorstScenario } from '../module.ts';
import { settledLines, settledSensitivities } from '../settled/lines.ts';
import { extraLines, type Joints } from './extra-lines.ts';
import { NO_EXTRAS, type ScenarioExtras } from './extras.ts';
import { cancelledBy, ownOf, type ScenarioCommon, scenarioBufferOf } from './module-parameters.ts';
import { jointLosses } from './offset.ts';
import { positionCharges } from './position-charges.ts';
import { scenarioSensitivities } from './sensitivities.ts';
import type { ScenarioTerms } from './terms.ts';
import {
  quantityOf,
  type Underlying,
  type UnderlyingLoss,
  type UnderlyingLosses,
  underlyingLosses,
  underlyingsOf,
} from './underlying.ts';

/** Terms of a version at a stablecoin price. */
export type TermsAt<P> = (parameters: P, stablePrice: number) => ScenarioTerms;

/** Price of the settlement stablecoin: 1 when no feed is named, a reason when it cannot be had. */
export function stableOf(market: MarketSnapshot, p: ScenarioCommon): MarketPrice | Reason | null {
  return p.stableFeedId === null ? null : marginPrice(market, p.stableFeedId);
}

export function sortScenarioBook(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: ScenarioCommon,
  { funding }: ScenarioExtras,
): SortedBook {
  return sortBook(portfolio, markets, market, p.maxDataAgeSeconds * 1000, funding !== null);
}

/** Equity and requirement lines of one underlying. */
function underlyingLines(
  u: Underlying,
  { initial, maintenance }: UnderlyingLosses,
  terms: ScenarioTerms,
): ContributionLine[] {
  const lines: ContributionLine[] = [];
  const lossLine = (
    owner: { id: string; chain: string | null },
    atInitial: number,
    atMaintenance: number,
  ) => {
    lines.push(
      line(owner, 'scenario-loss', {
        initial: settle(-atInitial * terms.initialLossFactor, 'debit', 'scenario loss'),
        maintenance: settle(-atMaintenance * terms.maintenanceLossFactor, 'debit', 'scenario loss'),
      }),
    );
  };
  u.options.forEach((group, g) => {
    group.legs.forEach((leg, i) => {
      lines.push(line(leg.position, 'option-value', { equity: settle(initial.values[g]![i]!, 'credit') }));
      lossLine(leg.position, initial.legs[g]![i]!, maintenance.legs[g]![i]!);
    });
  });
  for (const group of u.perps) {
    lines.push(...perpEquityLines(group));
    for (const position of group.positions) {
      const notional = exposureOf(group, position);
      lossLine(position, notional * initial.perNotional, notional * maintenance.perNotional);
    }
  }
  for (const { position, price } of u.cancelling) {
    const notional = wadToFloat(position.amountWad) * wadToFloat(price.priceWad);
    lossLine(position, notional * initial.perNotional, notional * maintenance.perNotional);
  }
  for (const leg of u.loans) {
    const notional = -quantityOf(leg);
    lossLine(leg.position, notional * initial.perNotional, notional * maintenance.perNotional);
  }
  for (const charge of positionCharges(u, terms)) {
    lines.push(
      line(charge.owner, charge.term, {
        initial: settle(charge.initial, 'debit', charge.term),
        maintenance: settle(charge.maintenance, 'debit', charge.term),
      }),
    );
  }
  return lines;
}

/** Haircuts of collateral, which are also the rates of loans; what moves with an underlying on the grid is not buffered a second time. */
export function haircutsOf(p: ScenarioCommon, asset: string, buffer: BufferView | null, onGrid: boolean) {
  const own = ownOf(p, asset);
  const maintenance = own?.maintenanceHaircut ?? p.maintenanceHaircut;
  const initial = Math.min(1, maintenance + (own?.initialHaircut ?? p.initialHaircut));
  return bufferRates(initial, maintenance, onGrid ? null : buffer, WHOLE);
}

/** Margin of one account on the grids of its underlyings; pure and total. */
export function calculateScenario<P extends ScenarioCommon>(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  p: P,
  termsAt: TermsAt<P>,
  extras: ScenarioExtras = NO_EXTRAS,
): MarginResult {
  const book = sortScenarioBook(portfolio, markets, market, p, extras);
  const stable = stableOf(market, p);
  const terms = termsAt(p, stable !== null && isPrice(stable) ? wadToFloat(stable.priceWad) : 1);
  const buffers = new Map<string, BufferView | null>();
  for (const asset of bookAssets(book)) {
    const own = scenarioBufferOf(p, asset);
    buffers.set(asset, own === null ? null : bufferView(market, asset, own));
  }
  const underlyings = underlyingsOf(book, (asset) => cancelledBy(p, asset));
  const onGrid = new Set(
    underlyings.flatMap((u) => [...u.cancelling, ...u.loans].map((leg) => leg.position.id)),
  );
  const lines: ContributionLine[] = [line(null, 'cash', { equity: portfolio.cashWad })];
  let liquidationCostWad = 0n;
  const losses = underlyings.map((u) => underlyingLosses(u, terms, buffers.get(u.asset) ?? null));
  const joints = jointsOf(underlyings, losses, extras);
  const hasExtras = joints.initial.length > 0 || joints.maintenance.length > 0 || terms.depegFactor > 0;
  for (const [k, u] of underlyings.entries()) {
    for (const each of underlyingLines(u, losses[k]!, terms)) lines.push(each);
    if (hasExtras) lines.push(...extraLines(u, k, losses[k]!, joints, terms));
    for (const group of u.perps) {
      liquidationCostWad += perpClosingCost(group, wadFromNumber(p.liquidationCostRate));
    }
  }
  for (const leg of book.collateral) {
    const { asset } = leg.market;
    const rates = haircutsOf(p, asset, buffers.get(asset) ?? null, onGrid.has(leg.position.id));
    const oracleWad = oracleRate(leg.price.confidenceScore, terms.confidence);
    lines.push(...collateralLines(leg.position, leg.price, rates, oracleWad, true));
  }
  for (const leg of book.loans) {
    const { asset } = leg.market;
    const rates = haircutsOf(p, asset, buffers.get(asset) ?? null, onGrid.has(leg.position.id));
    lines.push(
      ...loanLines(leg.position, leg.price, rates, oracleRate(leg.price.confidenceScore, terms.confidence)),
    );
  }
  for (const each of settledLines(book)) lines.push(each);
  const funded = extras.funding === null ? NO_FUNDING : fundingLines(book, market, extras.funding);
  for (const each of funded.lines) lines.push(each);
  const added = extras.addOns === null ? null : addOnLines(book, market, extras.addOns, lines);
  for (const each of added?.lines ?? []) lines.push(each);
  const result = assembleResult({
    book,
    lines,
    buffers: [...buffers.values()].filter((view) => view !== null),
    stableFailure: stable !== null && !isPrice(stable) && underlyings.length > 0 ? stable : null,
    warningRatio: p.warningRatio,
    liquidationCostWad,
    reasons: [...funded.reasons, ...(added?.reasons ?? [])],
    failures: funded.failures,
    sensitivities: [
      ...withFundingDeltas(scenarioSensitivities(book, underlyings, losses, joints, terms, lines), funded),
      ...settledSensitivities(book),
    ],
  });
  return {
    ...result,
    worstScenarios: [
      ...underlyings.map((u, k) => worstOf(u.asset, losses[k]!.initial)),
      ...joints.initial.map((joint) => {
        const { terms: moved } = [...joint.members.values()][0]!;
        return worstOf(joint.class.name, { ...joint, terms: moved });
      }),
    ],
  };
}

/** Losses of the classes; one and the same where initial and maintenance losses are. */
function jointsOf(
  underlyings: readonly Underlying[],
  losses: readonly UnderlyingLosses[],
  { classes }: ScenarioExtras,
): Joints {
  const at = (key: keyof UnderlyingLosses) =>
    jointLosses(
      underlyings,
      losses.map((each) => each[key]),
      classes,
    );
  const initial = at('initial');
  const same = losses.every((each) => each.initial === each.maintenance);
  return { initial, maintenance: same ? initial : at('maintenance') };
}

/** The scenario that decides initial margin of an underlying or of a class, with the buffer in its numbers. */
function worstOf(
  asset: string,
  { terms, loss, worstIndex }: Pick<UnderlyingLoss, 'terms' | 'loss' | 'worstIndex'>,
): WorstScenario {
  const worst = worstIndex === null ? null : terms.scenarios[worstIndex]!;
  const named = worst && `spot x${Number(worst.spot.toFixed(4))}, volatility ${worst.volatility}`;
  return {
    asset,
    scenario: named ?? (loss < 0 ? 'forward-loss' : 'none'),
    lossWad: settle(-loss, 'debit', 'scenario loss'),
  };
}
