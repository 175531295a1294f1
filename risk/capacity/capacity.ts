import { InvalidInputError } from '../errors.ts';
import type { MarginQuestion } from '../liquidation/liquidation-price.ts';
import type { MarginResult } from '../modules/module.ts';
import type { AnyPortfolio, AnyPosition } from '../portfolio/portfolio.ts';
import { MAX_ABS_WAD, type Wad } from '../units/wad.ts';

/** Difference that a change of the account makes. */
export interface IncrementalMargin {
  readonly before: MarginResult;
  readonly after: MarginResult;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
}

/** Margin of the account as it is and as `after` would make it. */
export function incrementalMargin<P>(question: MarginQuestion<P>, after: AnyPortfolio): IncrementalMargin {
  const { module, parameters, markets, market, portfolio } = question;
  const one = module.calculate(portfolio, markets, market, parameters);
  const two = module.calculate(after, markets, market, parameters);
  return {
    before: one,
    after: two,
    initialWad: two.initialRequirementWad - one.initialRequirementWad,
    maintenanceWad: two.maintenanceRequirementWad - one.maintenanceRequirementWad,
  };
}

/** Id of the trial position; cannot collide with what `validatePortfolio` lets in from outside. */
const TRIAL = '\u0000trial';

/**
 * Largest amount for which `allowed` holds, assuming that it holds for all smaller ones: doubling, then bisection to
 * a millionth. Rounds down.
 */
function largest(allowed: (amount: Wad) => boolean, limit: Wad): Wad {
  if (limit <= 0n || !allowed(1n)) return 0n;
  let low = 1n;
  while (low < limit) {
    const next = low * 2n < limit ? low * 2n : limit;
    if (!allowed(next)) {
      let high = next;
      while (high - low > low / 1_000_000n + 1n) {
        const middle = (low + high) / 2n;
        if (allowed(middle)) low = middle;
        else high = middle;
      }
      return low;
    }
    low = next;
  }
  return limit;
}

/** Net IM after the change is not negative and everything has a value. */
function covered<P>(question: MarginQuestion<P>, portfolio: AnyPortfolio): boolean {
  const { module, parameters, markets, market } = question;
  const result = module.calculate(portfolio, markets, market, parameters);
  return result.status !== 'unknown' && result.netInitialWad >= 0n;
}

/**
 * Largest order of a perp at its mark after which initial margin is still covered; the size is positive for both sides.
 * 0 when the price may not open new risk or the account is not covered as it is and the order does not help.
 * @throws InvalidInputError when the market is not a listed perp.
 */
export function largestOrder<P>(question: MarginQuestion<P>, marketId: string, side: 'buy' | 'sell'): Wad {
  const definition = question.markets.get(marketId);
  if (definition?.kind !== 'perp') throw new InvalidInputError('market', `${marketId} is not a listed perp`);
  const price = question.market.prices.get(definition.feedId);
  if (!price?.verdicts.open.usable) return 0n;
  const { portfolio } = question;
  const order = (amount: Wad): AnyPosition => ({
    kind: 'perp',
    id: TRIAL,
    market: marketId,
    sizeWad: side === 'buy' ? amount : -amount,
    entryPriceWad: price.priceWad,
    unsettledFundingWad: 0n,
    chain: null,
  });
  return largest(
    (amount) => covered(question, { ...portfolio, positions: [...portfolio.positions, order(amount)] }),
    MAX_ABS_WAD,
  );
}

/** Largest withdrawal of cash after which initial margin is still covered; at most the cash there is. */
export function largestCashWithdrawal<P>(question: MarginQuestion<P>): Wad {
  const { portfolio } = question;
  return largest(
    (amount) => covered(question, { ...portfolio, cashWad: portfolio.cashWad - amount }),
    portfolio.cashWad,
  );
}

/**
 * Largest withdrawal from one collateral position.
 * @throws InvalidInputError when there is no such collateral.
 */
export function largestCollateralWithdrawal<P>(question: MarginQuestion<P>, positionId: string): Wad {
  const { portfolio } = question;
  const position = portfolio.positions.find((each) => each.id === positionId);
  if (position?.kind !== 'collateral') {
    throw new InvalidInputError('positionId', `${positionId} is not collateral of this account`);
  }
  return largest((amount) => {
    const left = { ...position, amountWad: position.amountWad - amount };
    const positions = portfolio.positions.map((each) => (each.id === positionId ? left : each));
    return covered(question, { ...portfolio, positions });
  }, position.amountWad);
}

/** Net initial margin, or nothing: what the account could lose or withdraw in quote before a call. */
export function freeCollateral(result: MarginResult): Wad {
  return result.status === 'unknown' || result.netInitialWad < 0n ? 0n : result.netInitialWad;
}
