import {
  chargeOn,
  type DerivativePosition,
  fundingOf,
  type PerpGroup,
  pnlOf,
} from '../modules/book/derivative.ts';
import { groupDerivatives } from '../modules/book/derivative-book.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { ceilDiv, floorDiv, mulWadUp, WAD, type Wad } from '../units/wad.ts';
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
export interface Closable {
  readonly position: DerivativePosition;
  readonly group: PerpGroup;
  /** Quote that closing all of it trades, rounded up. */
  readonly notionalWad: Wad;
}

/** Finest share of a position that is closed. */
export const PARTS = 10_000n;

const absolute = (value: Wad) => (value < 0n ? -value : value);

/** Perps and futures whose prices may be used to liquidate. */
export function closablesOf<P>({ portfolio, markets, market }: MarginQuestion<P>): Closable[] {
  return portfolio.positions.flatMap((position): Closable[] => {
    if (position.kind !== 'perp' && position.kind !== 'future') return [];
    const { groups } = groupDerivatives([[position]], markets, market, Number.MAX_SAFE_INTEGER);
    const group = groups[0];
    if (!group?.price.verdicts.liquidate.usable || !group.index.verdicts.liquidate.usable) return [];
    return [{ position, group, notionalWad: chargeOn(group, position.sizeWad, WAD) }];
  });
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

/** The account after closing parts/PARTS of a position at its mark: PnL and its share of funding move to cash. */
export function closed(
  portfolio: AnyPortfolio,
  { position, group }: Closable,
  parts: bigint,
  costRateWad: Wad,
): { readonly portfolio: AnyPortfolio; readonly close: Close } {
  const amount = ceilDiv(absolute(position.sizeWad) * parts, PARTS);
  const soldWad = position.sizeWad < 0n ? -amount : amount;
  const [sold, left] = split(position, soldWad, parts);
  const costWad = mulWadUp(chargeOn(group, amount, WAD), costRateWad);
  return {
    portfolio: {
      ...portfolio,
      cashWad: portfolio.cashWad + pnlOf(group, sold) + fundingOf(group, sold) - costWad,
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
