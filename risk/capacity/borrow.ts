import { InvalidInputError } from '../errors.ts';
import type { MarginQuestion } from '../liquidation/liquidation-price.ts';
import { isPrice, marginPrice } from '../modules/inputs.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { MAX_ABS_WAD, type Wad } from '../units/wad.ts';
import { largest } from './search.ts';

/** Id of the trial position; cannot collide with what `validatePortfolio` lets in from outside. */
const TRIAL = '\u0000trial';

/**
 * Largest amount of an asset that may be borrowed and taken out of the account, so that initial margin is still covered; 0
 * while it is not, while a position cannot be valued and while the asset's price may not open new risk.
 * @throws InvalidInputError when the market is not that of a collateral asset.
 */
export function largestBorrow<P>(question: MarginQuestion<P>, marketId: string): Wad {
  const { module, parameters, portfolio, markets, market } = question;
  const definition = markets.get(marketId);
  if (definition?.kind !== 'collateral')
    throw new InvalidInputError('market', `${marketId} is not a collateral market`);
  const price = marginPrice(market, definition.feedId);
  if (!isPrice(price) || !price.verdicts.open.usable) return 0n;
  return largest((amountWad) => {
    const loan = { kind: 'loan' as const, id: TRIAL, market: marketId, amountWad, chain: null };
    const after: AnyPortfolio = { ...portfolio, positions: [...portfolio.positions, loan] };
    const result = module.calculate(after, markets, market, parameters);
    return result.status !== 'unknown' && result.netInitialWad >= 0n;
  }, MAX_ABS_WAD);
}
