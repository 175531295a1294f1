import { InvalidInputError } from '../errors.ts';
import type { MarginQuestion } from '../liquidation/liquidation-price.ts';
import { type DerivativePosition, deltaOf, type PerpGroup } from '../modules/book/derivative.ts';
import { groupDerivatives } from '../modules/book/derivative-book.ts';
import { withoutFundingCredit } from '../modules/funding/accrual.ts';
import type { MarginResult } from '../modules/module.ts';
import { settle } from '../units/settle.ts';
import { MAX_ABS_WAD, WAD, type Wad } from '../units/wad.ts';
import { largest, largestUpTo } from './search.ts';

/** Id of the trial position; cannot collide with what `validatePortfolio` lets in from outside. */
const TRIAL = '\u0000trial';

type Side = 'buy' | 'sell';

/** An order as a position: entered at `entryPriceWad`. */
function trial(
  kind: 'perp' | 'future',
  market: string,
  sizeWad: Wad,
  entryPriceWad: Wad,
): DerivativePosition {
  const common = { id: TRIAL, market, sizeWad, entryPriceWad, chain: null };
  return kind === 'perp' ? { ...common, kind, unsettledFundingWad: 0n } : { ...common, kind };
}

/** The venue told a settlement price of the market, and the module reads it. */
export function isSettled<P>({ module, market }: MarginQuestion<P>, marketId: string): boolean {
  return module.venueTerms !== undefined && market.settled?.has(marketId) === true;
}

/** Size that takes the account's delta in the asset to zero; 0 when the order goes the same way. */
function hedgeLimit(now: MarginResult, group: PerpGroup, unit: DerivativePosition, side: Side): Wad {
  const { asset } = group.market;
  const held = now.sensitivities.reduce((sum, each) => sum + (each.asset === asset ? each.delta : 0), 0);
  const size = -held / deltaOf(group, unit);
  if (!Number.isFinite(size) || size > 0 !== (side === 'buy')) return 0n;
  const wad = settle(Math.abs(size), 'credit', 'hedge');
  return wad < MAX_ABS_WAD ? wad : MAX_ABS_WAD;
}

/**
 * Largest order of a perp or future at its mark after which initial margin is still covered; the size is positive for
 * both sides, in contracts where the market settles in the coin. An account below initial margin may take what does not
 * lower its net initial margin, up to flattening its position in the market (or, without a position against the
 * order, its delta in the asset) and no further. A price that may not open new risk lets a position
 * be reduced and no more. 0 when nothing is allowed or a position cannot be valued.
 * @throws InvalidInputError when the market is not a listed perp or future.
 */
export function largestOrder<P>(question: MarginQuestion<P>, marketId: string, side: Side): Wad {
  const { module, parameters, portfolio, markets, market } = question;
  const definition = markets.get(marketId);
  if (definition?.kind !== 'perp' && definition?.kind !== 'future')
    throw new InvalidInputError('market', `${marketId} is not a listed perp`);
  // a settled market trades no more
  if (isSettled(question, marketId)) return 0n;
  const { kind } = definition;
  const unit = (entryWad: Wad) => trial(kind, marketId, WAD, entryWad);
  const { groups } = groupDerivatives([[unit(WAD)]], markets, market, Number.MAX_SAFE_INTEGER);
  const group = groups[0];
  const now = module.calculate(portfolio, markets, market, parameters);
  if (!group || now.status === 'unknown') return 0n;
  const markWad = group.price.priceWad;
  const netAtLeast = (floorWad: Wad) => (amount: Wad) => {
    const opened = trial(kind, marketId, side === 'buy' ? amount : -amount, markWad);
    // what it would receive it has not earned; what it would pay is charged as if held since the last settlement
    const order = opened.kind === 'perp' ? withoutFundingCredit(opened, market) : opened;
    const after = { ...portfolio, positions: [...portfolio.positions, order] };
    const result = module.calculate(after, markets, market, parameters);
    return result.status !== 'unknown' && result.netInitialWad >= floorWad;
  };
  let held = 0n;
  for (const each of portfolio.positions)
    if (each.kind === kind && each.market === marketId) held += each.sizeWad;
  const against = side === 'buy' ? -held : held;
  const mayOpen = group.price.verdicts.open.usable && group.index.verdicts.open.usable;
  if (now.netInitialWad >= 0n && mayOpen) return largest(netAtLeast(0n), MAX_ABS_WAD);
  const floorWad = now.netInitialWad < 0n ? now.netInitialWad : 0n;
  const flat = against > 0n || !mayOpen ? against : hedgeLimit(now, group, unit(markWad), side);
  return largestUpTo(netAtLeast(floorWad), flat);
}
