import { optionMark } from '../capacity/option-order.ts';
import { isSettled } from '../capacity/order.ts';
import { asAcross } from '../cross-chain/across-module.ts';
import {
  chargeOn,
  type DerivativePosition,
  fundingOf,
  type PerpGroup,
  pnlOf,
} from '../modules/book/derivative.ts';
import { groupDerivatives } from '../modules/book/derivative-book.ts';
import { accruedOf, marketFunding } from '../modules/funding/accrual.ts';
import { type AnyPortfolio, type OptionPosition, withCash } from '../portfolio/portfolio.ts';
import { absWad, ceilDiv, floorDiv, mulWadUp, WAD, type Wad } from '../units/wad.ts';
import type { MarginQuestion } from './liquidation-price.ts';

/** One closing trade. */
export interface Close {
  readonly positionId: string;
  readonly market: string;
  /** Signed change of the position, opposite to it. */
  readonly sizeWad: Wad;
  /** Price at which it is assumed to trade, before the cost. */
  readonly priceWad: Wad;
  readonly costWad: Wad;
}

/** A perp or future that may be closed now, with what marks it. */
export interface ClosableDerivative {
  readonly position: DerivativePosition;
  readonly asset: string;
  readonly group: PerpGroup;
  /** Funding accrued by the venue's rate, which closing settles. */
  readonly accruedWad: Wad;
  /** Quote that closing all of it trades, rounded up. */
  readonly notionalWad: Wad;
}

/** An option that may be closed now, at what the module says that it is worth. */
export interface ClosableOption {
  readonly position: OptionPosition;
  readonly asset: string;
  /** Of one option, in the quote asset. */
  readonly markWad: Wad;
  /** Of one unit of the index. */
  readonly indexWad: Wad;
  /** Notional at the index, rounded up. */
  readonly notionalWad: Wad;
}

export type Closable = ClosableDerivative | ClosableOption;

/** Finest share of a position that is closed. */
export const PARTS = 10_000n;

/** Perps, futures and options whose prices may be used to liquidate, and that lie on no chain that is cut off. */
export function closablesOf<P>(question: MarginQuestion<P>): Closable[] {
  const { portfolio, markets, market } = question;
  const cut = asAcross(question.module)?.cutChains;
  return portfolio.positions.flatMap((position): Closable[] => {
    if (position.chain !== null && cut?.has(position.chain)) return [];
    // a settled market trades no more
    if ('market' in position && isSettled(question, position.market)) return [];
    if (position.kind === 'option') return closableOption(question, position);
    if (position.kind !== 'perp' && position.kind !== 'future') return [];
    const { groups } = groupDerivatives([[position]], markets, market, Number.MAX_SAFE_INTEGER);
    const group = groups[0];
    if (!group?.price.verdicts.liquidate.usable || !group.index.verdicts.liquidate.usable) return [];
    const accruedWad = accruedIn(question, group, position);
    const notionalWad = chargeOn(group, position.sizeWad, WAD);
    return [{ position, asset: group.market.asset, group, accruedWad, notionalWad }];
  });
}

function accruedIn<P>(question: MarginQuestion<P>, group: PerpGroup, position: DerivativePosition): Wad {
  const terms = question.module.venueTerms?.(question.parameters);
  const funding = terms === undefined ? null : marketFunding(group, question.market, terms);
  return funding === null || 'code' in funding ? 0n : accruedOf(group, position, funding);
}

function closableOption<P>(question: MarginQuestion<P>, position: OptionPosition): ClosableOption[] {
  const definition = question.markets.get(position.market);
  const index = definition && question.market.prices.get(definition.feedId);
  if (definition?.kind !== 'option' || !index?.verdicts.liquidate.usable) return [];
  const markWad = optionMark(question, position.market);
  if (markWad === null) return [];
  const notionalWad = mulWadUp(absWad(position.sizeWad), index.priceWad);
  return [{ position, asset: definition.asset, markWad, indexWad: index.priceWad, notionalWad }];
}

/** The account after closing parts/PARTS of an option at its mark: the premium moves to or from cash. */
function closedOption(
  portfolio: AnyPortfolio,
  { position, markWad, indexWad }: ClosableOption,
  parts: bigint,
  costRateWad: Wad,
): { readonly portfolio: AnyPortfolio; readonly close: Close } {
  const amount = ceilDiv(absWad(position.sizeWad) * parts, PARTS);
  const soldWad = position.sizeWad < 0n ? -amount : amount;
  const costWad = mulWadUp(mulWadUp(amount, indexWad), costRateWad);
  const left = { ...position, sizeWad: position.sizeWad - soldWad };
  return {
    portfolio: {
      ...withCash(portfolio, position.chain, floorDiv(soldWad * markWad, WAD) - costWad),
      positions: portfolio.positions.flatMap((each) =>
        each.id !== position.id ? [each] : left.sizeWad === 0n ? [] : [left],
      ),
    },
    close: {
      positionId: position.id,
      market: position.market,
      sizeWad: -soldWad,
      priceWad: markWad,
      costWad,
    },
  };
}

/** What is sold and what is left; funding goes by parts. */
function split(
  position: DerivativePosition,
  soldWad: Wad,
  parts: bigint,
): readonly [DerivativePosition, DerivativePosition] {
  const leftWad = position.sizeWad - soldWad;
  if (position.kind === 'future')
    return [
      { ...position, sizeWad: soldWad },
      { ...position, sizeWad: leftWad },
    ];
  const funding = position.unsettledFundingWad;
  const share = floorDiv(funding * parts, PARTS);
  return [
    { ...position, sizeWad: soldWad, unsettledFundingWad: share },
    { ...position, sizeWad: leftWad, unsettledFundingWad: funding - share },
  ];
}

/** The account after closing parts/PARTS of a position at its mark: PnL and its share of funding, told and accrued, move to cash. */
export function closed(
  portfolio: AnyPortfolio,
  closable: Closable,
  parts: bigint,
  costRateWad: Wad,
): { readonly portfolio: AnyPortfolio; readonly close: Close } {
  if (!('group' in closable)) return closedOption(portfolio, closable, parts, costRateWad);
  const { position, group, accruedWad } = closable;
  const amount = ceilDiv(absWad(position.sizeWad) * parts, PARTS);
  const soldWad = position.sizeWad < 0n ? -amount : amount;
  const [sold, left] = split(position, soldWad, parts);
  const costWad = mulWadUp(chargeOn(group, amount, WAD), costRateWad);
  const accrued = accruedWad === 0n ? 0n : floorDiv(accruedWad * amount, absWad(position.sizeWad));
  return {
    portfolio: {
      ...withCash(portfolio, position.chain, pnlOf(group, sold) + fundingOf(group, sold) + accrued - costWad),
      positions: portfolio.positions.flatMap((each) =>
        each.id !== position.id ? [each] : left.sizeWad === 0n ? [] : [left],
      ),
    },
    close: {
      positionId: position.id,
      market: position.market,
      sizeWad: -soldWad,
      priceWad: group.price.priceWad,
      costWad,
    },
  };
}
