import type { FieldIssue } from '../../../risk/errors.ts';
import type { Portfolio } from '../../../risk/portfolio/portfolio.ts';
import { validatePortfolio } from '../../../risk/portfolio/validate.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import type { GatewayPorts } from '../../app/ports.ts';

/**
 * Refuses a book that names markets, collateral assets or chains which this deployment does not list.
 * @throws InvalidRequestError, InvalidInputError naming every field.
 */
export function requireListed(portfolio: Portfolio, ports: GatewayPorts): void {
  const issues: FieldIssue[] = [];
  portfolio.positions.forEach(({ chain }, index) => {
    if (chain !== null && !ports.chains.has(chain)) {
      issues.push({ field: `positions[${index}].chain`, message: `no chain '${chain}' is listed` });
    }
  });
  if (issues.length > 0) throw new InvalidRequestError(issues);
  validatePortfolio(portfolio, ports.markets);
}
