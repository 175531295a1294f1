import { InvalidInputError } from '../errors.ts';
import type { AnyPortfolio, AnyPosition } from '../portfolio/portfolio.ts';
import { wadFromNumber } from '../units/decimal.ts';
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

export interface LiquidationPlan {
  readonly closes: readonly Close[];
  /** The account after the closes. */
  readonly after: AnyPortfolio;
  readonly netInitialWad: Wad;
  /** False: even with every perp closed the target is not reached; the rest is for an auction. */
  readonly reached: boolean;
}

/** Finest share of a position that is closed. */
const PARTS = 10_000n;

/**
 * Closes the least that brings net initial margin to `targetWad`: perps in the order of margin gained per quote closed,
 * each fully but the last, of which only the needed share. Trades at the mark with a cost; PnL and its share of funding
 * move to cash. The module recomputes the account at every step, so netting and the buffer count.
 * @throws InvalidInputError for a cost rate outside [0, 1).
 */
export function planPartialClose<P>(
  question: MarginQuestion<P>,
  targetWad: Wad,
  costRate: number,
): LiquidationPlan {
  if (!(costRate >= 0 && costRate < 1))
    throw new InvalidInputError('costRate', 'must be at least 0 and below 1');
  const costRateWad = wadFromNumber(costRate);
  const { module, parameters, markets, market } = question;
  const netOf = (portfolio: AnyPortfolio) =>
    module.calculate(portfolio, markets, market, parameters).netInitialWad;
  const closes: Close[] = [];
  let portfolio = question.portfolio;
  let net = netOf(portfolio);
  while (net < targetWad) {
    let best: {
      readonly id: string;
      readonly close: Close;
      readonly gain: bigint;
      readonly notional: bigint;
    } | null = null;
    for (const position of portfolio.positions) {
      const trial = closed(question, portfolio, position, PARTS, costRateWad);
      if (!trial) continue;
      const gain = netOf(trial.portfolio) - net;
      const notional = absolute(trial.close.sizeWad) * trial.close.priceWad;
      if (gain > 0n && (best === null || gain * best.notional > best.gain * notional)) {
        best = { id: position.id, close: trial.close, gain, notional };
      }
    }
    if (best === null) return { closes, after: portfolio, netInitialWad: net, reached: false };
    const position = portfolio.positions.find((each) => each.id === best.id)!;
    const enough = (parts: bigint) =>
      netOf(closed(question, portfolio, position, parts, costRateWad)!.portfolio) >= targetWad;
    let parts = PARTS;
    if (enough(PARTS)) {
      let low = 0n;
      while (parts - low > 1n) {
        const middle = (low + parts) / 2n;
        if (enough(middle)) parts = middle;
        else low = middle;
      }
    }
    const done = closed(question, portfolio, position, parts, costRateWad)!;
    closes.push(done.close);
    portfolio = done.portfolio;
    net = netOf(portfolio);
  }
  return { closes, after: portfolio, netInitialWad: net, reached: true };
}

const absolute = (value: bigint) => (value < 0n ? -value : value);

/** The account after closing parts/PARTS of a perp at its mark; null for what cannot be closed this way. */
function closed<P>(
  question: MarginQuestion<P>,
  portfolio: AnyPortfolio,
  position: AnyPosition,
  parts: bigint,
  costRateWad: Wad,
): { readonly portfolio: AnyPortfolio; readonly close: Close } | null {
  if (position.kind !== 'perp') return null;
  const definition = question.markets.get(position.market);
  const price = definition && question.market.prices.get(definition.feedId);
  if (!price?.verdicts.liquidate.usable) return null;
  const amount = ceilDiv(absolute(position.sizeWad) * parts, PARTS);
  const soldWad = position.sizeWad < 0n ? -amount : amount;
  const fundingWad = floorDiv(position.unsettledFundingWad * parts, PARTS);
  const pnlWad = floorDiv(soldWad * (price.priceWad - position.entryPriceWad), WAD);
  const costWad = mulWadUp(mulWadUp(amount, price.priceWad), costRateWad);
  const left = {
    ...position,
    sizeWad: position.sizeWad - soldWad,
    unsettledFundingWad: position.unsettledFundingWad - fundingWad,
  };
  return {
    portfolio: {
      ...portfolio,
      cashWad: portfolio.cashWad + pnlWad + fundingWad - costWad,
      positions: portfolio.positions.flatMap((each) =>
        each.id !== position.id ? [each] : left.sizeWad === 0n ? [] : [left],
      ),
    },
    close: {
      positionId: position.id,
      market: position.market,
      sizeWad: -soldWad,
      priceWad: price.priceWad,
      costWad,
    },
  };
}
