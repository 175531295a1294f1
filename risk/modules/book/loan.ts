import type { MarketPrice } from '../../market/market-data.ts';
import type { LoanPosition } from '../../portfolio/portfolio.ts';
import { mulWadUp, type Wad } from '../../units/wad.ts';
import { line } from '../lines.ts';
import type { ContributionLine } from '../module.ts';
import type { Rates } from './rates.ts';

/**
 * Lines of one loan: the debt lowers equity by its value (rounded up), and the debt's asset can rise: a rate on the value,
 * buffered, is requirement.
 */
export function loanLines(
  position: LoanPosition,
  price: MarketPrice,
  rates: Rates,
  oracleRateWad: Wad,
): ContributionLine[] {
  const value = mulWadUp(position.amountWad, price.priceWad);
  const base = {
    initial: mulWadUp(value, rates.baseInitialWad),
    maintenance: mulWadUp(value, rates.baseMaintenanceWad),
  };
  const extra = {
    initial: mulWadUp(value, rates.initialWad) - base.initial,
    maintenance: mulWadUp(value, rates.maintenanceWad) - base.maintenance,
  };
  const lines = [line(position, 'loan-value', { equity: -value })];
  if (base.initial !== 0n || base.maintenance !== 0n) lines.push(line(position, 'loan-margin', base));
  if (extra.initial !== 0n || extra.maintenance !== 0n) lines.push(line(position, 'loan-buffer', extra));
  const oracle = mulWadUp(value, oracleRateWad);
  if (oracle !== 0n) lines.push(line(position, 'oracle-contingency', { initial: oracle }));
  return lines;
}
