import { InvalidInputError } from '../errors.ts';
import type { MarginQuestion } from '../liquidation/liquidation-price.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { MAX_ABS_WAD, mulWadDown, mulWadUp, WAD, type Wad } from '../units/wad.ts';
import { isSettled } from './order.ts';
import { largest, largestUpTo } from './search.ts';

/** Id of the trial position; cannot collide with what `validatePortfolio` lets in from outside. */
const TRIAL = '\u0000trial';

/**
 * Mark of one option in the quote asset, as the module values it; null when it cannot be valued now.
 * @throws InvalidInputError when the market is not a listed option.
 */
export function optionMark<P>(question: MarginQuestion<P>, marketId: string): Wad | null {
  const { module, parameters, markets, market } = question;
  if (markets.get(marketId)?.kind !== 'option')
    throw new InvalidInputError('market', `${marketId} is not a listed option`);
  const one: AnyPortfolio = {
    accountId: TRIAL,
    cashWad: 0n,
    positions: [{ kind: 'option', id: TRIAL, market: marketId, sizeWad: WAD, chain: null }],
  };
  const { equityWad, failures } = module.calculate(one, markets, market, parameters);
  return failures.length > 0 ? null : equityWad;
}

/**
 * Largest order of an option at its mark after which initial margin is still covered; the size is positive for both
 * sides. The premium is paid or received at once, rounded against the account. An account below initial margin, and an
 * index that may not open new risk, allow no more than what the account holds against the order to be closed, as far as
 * net initial margin does not fall. 0 when nothing is allowed or a position cannot be valued.
 * @throws InvalidInputError when the market is not a listed option.
 */
export function largestOptionOrder<P>(
  question: MarginQuestion<P>,
  marketId: string,
  side: 'buy' | 'sell',
): Wad {
  const { module, parameters, portfolio, markets, market } = question;
  const markWad = optionMark(question, marketId);
  if (isSettled(question, marketId)) return 0n;
  const now = module.calculate(portfolio, markets, market, parameters);
  if (markWad === null || now.status === 'unknown') return 0n;
  const netAtLeast = (floorWad: Wad) => (amount: Wad) => {
    const sizeWad = side === 'buy' ? amount : -amount;
    const premiumWad = side === 'buy' ? -mulWadUp(amount, markWad) : mulWadDown(amount, markWad);
    const after: AnyPortfolio = {
      ...portfolio,
      cashWad: portfolio.cashWad + premiumWad,
      positions: [
        ...portfolio.positions,
        { kind: 'option', id: TRIAL, market: marketId, sizeWad, chain: null },
      ],
    };
    const result = module.calculate(after, markets, market, parameters);
    return result.status !== 'unknown' && result.netInitialWad >= floorWad;
  };
  const mayOpen = market.prices.get(markets.get(marketId)!.feedId)?.verdicts.open.usable ?? false;
  if (now.netInitialWad >= 0n && mayOpen) return largest(netAtLeast(0n), MAX_ABS_WAD);
  let held = 0n;
  for (const each of portfolio.positions)
    if (each.kind === 'option' && each.market === marketId) held += each.sizeWad;
  const against = side === 'buy' ? -held : held;
  const floorWad = now.netInitialWad < 0n ? now.netInitialWad : 0n;
  // The premium is rounded once: a unit less of it is not a lower margin.
  return largestUpTo(netAtLeast(floorWad - 1n), against > 0n ? against : 0n);
}
