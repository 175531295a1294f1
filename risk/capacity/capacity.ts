import { asAcross } from '../cross-chain/across-module.ts';
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

/** Largest withdrawal of cash after which initial margin is still covered; at most the cash there is, where it can be reached. */
export function largestCashWithdrawal<P>(question: MarginQuestion<P>): Wad {
  const { portfolio, module } = question;
  let reachable = portfolio.cashWad;
  for (const chain of asAcross(module)?.cutChains ?? []) {
    const there = portfolio.cashOn?.get(chain) ?? 0n;
    if (there > 0n) reachable -= there;
  }
  return largest(
    (amount) => covered(question, { ...portfolio, cashWad: portfolio.cashWad - amount }),
    reachable,
  );
}

/**
 * Largest withdrawal from one collateral position; nothing from a chain that is cut off.
 * @throws InvalidInputError when there is no such collateral.
 */
export function largestCollateralWithdrawal<P>(question: MarginQuestion<P>, positionId: string): Wad {
  const { portfolio } = question;
  const position = portfolio.positions.find((each) => each.id === positionId);
  if (position?.kind !== 'collateral') {
    throw new InvalidInputError('positionId', `${positionId} is not collateral of this account`);
  }
  if (position.chain !== null && asAcross(question.module)?.cutChains.has(position.chain)) return 0n;
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
