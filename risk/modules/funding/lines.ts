import type { MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import { type Wad, wadToFloat } from '../../units/wad.ts';
import { allocate } from '../allocate.ts';
import type { SortedBook } from '../book/book.ts';
import { isInverse, netSize, type PerpGroup } from '../book/derivative.ts';
import { line } from '../lines.ts';
import type { ContributionLine, PositionFailure, PositionSensitivity, RevaluedMargin } from '../module.ts';
import { accruedOf, type MarketFunding, marketFunding, paymentOf } from './accrual.ts';
import type { FundingParameters } from './parameters.ts';

export interface FundingLines {
  readonly lines: readonly ContributionLine[];
  readonly failures: readonly PositionFailure[];
  /** Rates that are too old. */
  readonly reasons: readonly Reason[];
  /** d equity / d spot of what has accrued, by position; coins. */
  readonly deltas: ReadonlyMap<string, number>;
}

/** Nothing to say: what versions without it have. */
export const NO_FUNDING: FundingLines = { lines: [], failures: [], reasons: [], deltas: new Map() };

/** Groups whose venue tells a funding rate that is not 0, with it. */
function fundedGroups(book: SortedBook, market: MarketSnapshot, p: FundingParameters) {
  if (market.funding === undefined || market.funding.size === 0) return [];
  return book.perps.flatMap((group): [PerpGroup, MarketFunding | Reason][] => {
    const funding = marketFunding(group, market, p);
    return funding === null ? [] : [[group, funding]];
  });
}

/**
 * `funding-accrued` as equity of each position, `funding-payment` as the requirement of each market's net position, by
 * signed sizes. A rate that is not sound fails the positions of its market.
 */
export function fundingLines(book: SortedBook, market: MarketSnapshot, p: FundingParameters): FundingLines {
  const groups = fundedGroups(book, market, p);
  if (groups.length === 0) return NO_FUNDING;
  const lines: ContributionLine[] = [];
  const failures: PositionFailure[] = [];
  const reasons: Reason[] = [];
  const deltas = new Map<string, number>();
  for (const [group, funding] of groups) {
    const { positions } = group;
    if ('code' in funding) {
      for (const { id } of positions) failures.push({ positionId: id, reason: funding });
      continue;
    }
    if (funding.stale !== null) reasons.push(funding.stale);
    for (const position of positions) {
      const accrued = accruedOf(group, position, funding);
      if (accrued === 0n) continue;
      lines.push(line(position, 'funding-accrued', { equity: accrued }));
      if (!isInverse(group)) deltas.set(position.id, wadToFloat(accrued) / wadToFloat(group.index.priceWad));
    }
    for (const each of paymentLines(group, paymentOf(group, funding))) lines.push(each);
  }
  return { lines, failures, reasons, deltas };
}

function paymentLines(
  { positions }: PerpGroup,
  { initial, maintenance }: { readonly initial: Wad; readonly maintenance: Wad },
): ContributionLine[] {
  if ((initial === 0n && maintenance === 0n) || netSize(positions) === 0n) return [];
  const sizes = positions.map(({ sizeWad }) => sizeWad);
  const initials = allocate(initial, sizes);
  const maintenances = allocate(maintenance, sizes);
  return positions.map((position, i) =>
    line(position, 'funding-payment', { initial: initials[i]!, maintenance: maintenances[i]! }),
  );
}

/** Deltas with what the accrued funding adds to them. */
export function withFundingDeltas(
  sensitivities: readonly PositionSensitivity[],
  { deltas }: FundingLines,
): readonly PositionSensitivity[] {
  if (deltas.size === 0) return sensitivities;
  return sensitivities.map((each) => {
    const more = deltas.get(each.positionId);
    return more === undefined ? each : { ...each, delta: each.delta + more };
  });
}

/** Funding in a revaluation: figures of linear contracts move with the index, those of inverse ones do not. */
export function fundingRevaluer(
  book: SortedBook,
  market: MarketSnapshot,
  p: FundingParameters,
): (scaleOf: (asset: string) => number, out: RevaluedMargin) => void {
  const figures = fundedGroups(book, market, p).flatMap(([group, funding]) => {
    if ('code' in funding) return [];
    const payment = paymentOf(group, funding);
    const accrued = group.positions.reduce((sum, each) => sum + accruedOf(group, each, funding), 0n);
    return {
      asset: isInverse(group) ? null : group.market.asset,
      accrued: wadToFloat(accrued),
      initial: wadToFloat(payment.initial),
      maintenance: wadToFloat(payment.maintenance),
    };
  });
  return (scaleOf, out) => {
    for (const { asset, accrued, initial, maintenance } of figures) {
      const moved = asset === null ? 1 : scaleOf(asset);
      out.equity += accrued * moved;
      out.initialRequirement += initial * moved;
      out.maintenanceRequirement += maintenance * moved;
    }
  };
}
