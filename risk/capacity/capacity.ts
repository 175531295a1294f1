import { InvalidInputError } from '../errors.ts';
import type { MarginQuestion } from '../liquidation/liquidation-price.ts';
import type { MarginResult } from '../modules/module.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import type { Wad } from '../units/wad.ts';
import { largest } from './search.ts';

export { largestOrder } from './order.ts';

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

/** Net IM after the change is not negative and everything has a value. */
function covered<P>(question: MarginQuestion<P>, portfolio: AnyPortfolio): boolean {
  const { module, parameters, markets, market } = question;
  const result = module.calculate(portfolio, markets, market, parameters);
  return result.status !== 'unknown' && result.netInitialWad >= 0n;
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
