import { type FieldIssue, InvalidInputError } from '../../../risk/errors.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { validatePortfolio } from '../../../risk/portfolio/validate.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import type { GatewayPorts } from '../../app/ports.ts';

/** What is wrong with a book in this deployment: markets, collateral assets or chains that it does not list. */
export function listingIssues(portfolio: AnyPortfolio, ports: GatewayPorts): FieldIssue[] {
  const issues: FieldIssue[] = [];
  portfolio.positions.forEach(({ chain }, index) => {
    if (chain !== null && !ports.chains.has(chain)) {
      issues.push({ field: `positions[${index}].chain`, message: `no chain '${chain}' is listed` });
    }
  });
  try {
    validatePortfolio(portfolio, ports.listing.marketsOf(portfolio));
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    issues.push(...error.issues);
  }
  return issues;
}

/** @throws InvalidRequestError naming every field. */
export function requireListed(portfolio: AnyPortfolio, ports: GatewayPorts): void {
  const issues = listingIssues(portfolio, ports);
  if (issues.length > 0) throw new InvalidRequestError(issues);
}
