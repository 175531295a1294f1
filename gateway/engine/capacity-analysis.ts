import { largestBorrow } from '../../risk/capacity/borrow.ts';
import {
  freeCollateral,
  largestCashWithdrawal,
  largestCollateralWithdrawal,
  largestOrder,
} from '../../risk/capacity/capacity.ts';
import { largestOptionOrder, optionMark } from '../../risk/capacity/option-order.ts';
import { isSettled } from '../../risk/capacity/order.ts';
import type { MarginQuestion } from '../../risk/liquidation/liquidation-price.ts';
import type { MarketPrice } from '../../risk/market/market-data.ts';
import type { Reason } from '../../risk/market/verdict.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import type { AnalysisAsk, Capacity, LargestOrder, LendingRoom, Side } from './analysis-results.ts';
import type { LentMarket } from './lent-markets.ts';

/** Free collateral, largest orders and largest withdrawals; all 0 while a position cannot be valued. */
export function capacityOf(
  question: MarginQuestion<unknown>,
  ask: AnalysisAsk['capacity'],
  result: MarginResult,
): Capacity {
  const { market, markets, portfolio } = question;
  return {
    freeCollateralWad: freeCollateral(result),
    lending: ask.lending.map((lent) => lendingRoom(question, lent, result)),
    orders: ask.orders.map(({ market: id, side }) => {
      const { asset, feedId, kind } = markets.get(id)!;
      const price = market.prices.get(feedId);
      if (isSettled(question, id)) return { market: id, asset, side, ...settledOrder(question, id) };
      if (kind === 'option')
        return { market: id, asset, side, ...optionOrder(question, id, side, result, price) };
      const sizeWad = largestOrder(question, id, side);
      const reasons = sizeWad === 0n ? whyNone(result, feedId, price) : [];
      return { market: id, asset, side, priceWad: price?.priceWad ?? null, sizeWad, reasons };
    }),
    cashWad: largestCashWithdrawal(question),
    collateral: portfolio.positions.flatMap((position) =>
      position.kind === 'collateral'
        ? {
            positionId: position.id,
            asset: position.asset,
            amountWad: largestCollateralWithdrawal(question, position.id),
          }
        : [],
    ),
  };
}

/** What may be supplied is what is left under the cap; what may be borrowed, the lesser of that and what margin covers. */
function lendingRoom(
  question: MarginQuestion<unknown>,
  { market, asset, supply, borrow }: LentMarket,
  result: MarginResult,
): LendingRoom {
  const { feedId } = question.markets.get(market)!;
  const covered = borrow.roomWad === 0n ? 0n : largestBorrow(question, market);
  const none =
    borrow.roomWad !== 0n && covered === 0n
      ? whyNone(result, feedId, question.market.prices.get(feedId))
      : [];
  const capped = borrow.roomWad !== null && borrow.roomWad < covered;
  const largestWad = capped ? borrow.roomWad! : covered;
  return {
    market,
    asset,
    supply: { ...supply, largestWad: supply.roomWad },
    borrow: { ...borrow, largestWad, reasons: [...borrow.reasons, ...none] },
  };
}

/** Nothing trades in a market that is settled. */
function settledOrder(
  { market }: MarginQuestion<unknown>,
  id: string,
): Pick<LargestOrder, 'priceWad' | 'sizeWad' | 'reasons'> {
  const priceWad = market.settled?.get(id)?.priceWad ?? null;
  const message = `${id} is settled and trades no more; take its positions out of the books`;
  return { priceWad, sizeWad: 0n, reasons: [{ code: 'market-settled', message, subject: id }] };
}

/** The largest order of an option at its mark, which is null when the option cannot be valued. */
function optionOrder(
  question: MarginQuestion<unknown>,
  id: string,
  side: Side,
  result: MarginResult,
  index: MarketPrice | undefined,
): Pick<LargestOrder, 'priceWad' | 'sizeWad' | 'reasons'> {
  const { feedId } = question.markets.get(id)!;
  const priceWad = optionMark(question, id);
  const sizeWad = largestOptionOrder(question, id, side);
  if (sizeWad > 0n) return { priceWad, sizeWad, reasons: [] };
  const usable = index?.verdicts.margin.usable === true;
  const unvalued = { code: 'price-missing', message: `${id} cannot be valued now`, subject: id };
  const reasons = priceWad === null && usable ? [unvalued] : whyNone(result, feedId, index);
  return { priceWad, sizeWad, reasons };
}

function whyNone(result: MarginResult, feedId: string, price: MarketPrice | undefined): readonly Reason[] {
  if (price === undefined) {
    return [{ code: 'price-missing', message: `there is no price of ${feedId}`, subject: feedId }];
  }
  const { open, margin } = price.verdicts;
  if (!open.usable || !margin.usable) {
    const codes = [...new Set([...open.reasons, ...margin.reasons].map(({ code }) => code))].join(', ');
    const message = `${feedId} may not open new risk${codes === '' ? '' : `: ${codes}`}`;
    return [{ code: 'price-refused', message, subject: feedId }];
  }
  if (result.status === 'unknown') {
    return [{ code: 'margin-unknown', message: 'a position cannot be valued; see failures' }];
  }
  return [
    {
      code: 'not-covered',
      message: 'initial margin is not covered or used up; closing is in the liquidation plan',
    },
  ];
}
