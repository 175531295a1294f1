import { type FieldIssue, InvalidInputError } from '../errors.ts';
import { collateralMarket } from '../modules/inputs.ts';
import type { AnyMarket } from '../modules/module.ts';
import { MAX_ABS_WAD } from '../units/wad.ts';
import type { AnyPortfolio, AnyPosition } from './portfolio.ts';

function absurd(value: bigint): boolean {
  return value > MAX_ABS_WAD || value < -MAX_ABS_WAD;
}

function say(issues: FieldIssue[], at: string, field: string, message: string): void {
  issues.push({ field: `${at}.${field}`, message });
}

function positionIssues(
  position: AnyPosition,
  at: string,
  markets: ReadonlyMap<string, AnyMarket>,
): FieldIssue[] {
  const issues: FieldIssue[] = [];
  if (position.id === '') say(issues, at, 'id', 'must not be empty');
  if (position.kind === 'perp' || position.kind === 'future') {
    const { kind } = position;
    const market = markets.get(position.market);
    if (!market) say(issues, at, 'market', `${position.market} is not a listed market`);
    else if (market.kind !== kind) say(issues, at, 'market', `${position.market} is not a ${kind}`);
    else if (market.settlement === 'coin' && position.entryPriceWad === 0n)
      say(issues, at, 'entryPrice', 'must not be zero where the market settles in the coin');
    if (position.sizeWad === 0n) say(issues, at, 'size', 'must not be zero');
    if (absurd(position.sizeWad)) say(issues, at, 'size', 'magnitude must not exceed 1e30');
    if (position.entryPriceWad < 0n) say(issues, at, 'entryPrice', 'must not be negative');
    if (absurd(position.entryPriceWad)) say(issues, at, 'entryPrice', 'must not exceed 1e30');
    if (kind === 'perp' && absurd(position.unsettledFundingWad))
      say(issues, at, 'unsettledFunding', 'magnitude must not exceed 1e30');
    return issues;
  }
  if (position.kind === 'option') {
    const market = markets.get(position.market);
    if (!market) say(issues, at, 'market', `${position.market} is not a listed market`);
    else if (market.kind !== 'option') say(issues, at, 'market', `${position.market} is not an option`);
    if (position.sizeWad === 0n) say(issues, at, 'size', 'must not be zero');
    if (absurd(position.sizeWad)) say(issues, at, 'size', 'magnitude must not exceed 1e30');
    return issues;
  }
  if (position.kind === 'loan') {
    const market = markets.get(position.market);
    if (!market) say(issues, at, 'market', `${position.market} is not a listed market`);
    else if (market.kind !== 'collateral')
      say(issues, at, 'market', `${position.market} is not the market of an asset`);
  } else if (!collateralMarket(markets, position.asset))
    say(issues, at, 'asset', `${position.asset} is not accepted as collateral`);
  if (position.amountWad < 0n) say(issues, at, 'amount', 'must not be negative');
  if (position.amountWad === 0n) say(issues, at, 'amount', 'must not be zero');
  if (absurd(position.amountWad)) say(issues, at, 'amount', 'must not exceed 1e30');
  return issues;
}

/**
 * Refuses a portfolio that cannot be right: duplicate ids, unknown markets or assets, zero or absurd sizes, negative
 * collateral. Every fault is named by its path, e.g. `positions[2].size`.
 * @throws InvalidInputError
 */
export function validatePortfolio(portfolio: AnyPortfolio, markets: ReadonlyMap<string, AnyMarket>): void {
  const issues: FieldIssue[] = [];
  if (absurd(portfolio.cashWad)) issues.push({ field: 'cash', message: 'magnitude must not exceed 1e30' });
  const seen = new Map<string, number>();
  portfolio.positions.forEach((position, index) => {
    const at = `positions[${index}]`;
    const earlier = seen.get(position.id);
    if (earlier !== undefined)
      issues.push({ field: `${at}.id`, message: `is the same as positions[${earlier}].id` });
    else seen.set(position.id, index);
    issues.push(...positionIssues(position, at, markets));
  });
  const [first, ...others] = issues;
  if (first) throw new InvalidInputError(first.field, first.message, {}, others);
}
