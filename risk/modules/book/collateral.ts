import type { MarketPrice } from '../../market/market-data.ts';
import type { CollateralPosition } from '../../portfolio/portfolio.ts';
import { mulWadDown, mulWadUp, type Wad } from '../../units/wad.ts';
import { line } from '../lines.ts';
import type { ContributionLine } from '../module.ts';
import type { Rates } from './rates.ts';

/**
 * Lines of one collateral position: its value is equity, the haircut (buffered, at most one) is requirement, and a
 * doubtful price is charged for initial margin. With `capped` the charges never exceed the value: the worst that
 * collateral can be worth is nothing.
 */
export function collateralLines(
  position: CollateralPosition,
  price: MarketPrice,
  rates: Rates,
  oracleRateWad: Wad,
  capped: boolean,
): ContributionLine[] {
  const value = mulWadDown(position.amountWad, price.priceWad);
  const initial = mulWadUp(value, rates.initialWad);
  const baseInitial = mulWadUp(value, rates.baseInitialWad);
  const baseMaintenance = mulWadUp(value, rates.baseMaintenanceWad);
  const oracle = mulWadUp(value, oracleRateWad);
  const room = value - initial;
  const oracleCharge = capped && oracle > room ? room : oracle;
  const lines = [
    line(position, 'collateral-value', { equity: value }),
    line(position, 'collateral-haircut', { initial: baseInitial, maintenance: baseMaintenance }),
  ];
  const extraInitial = initial - baseInitial;
  const extraMaintenance = mulWadUp(value, rates.maintenanceWad) - baseMaintenance;
  if (extraInitial !== 0n || extraMaintenance !== 0n) {
    lines.push(line(position, 'collateral-buffer', { initial: extraInitial, maintenance: extraMaintenance }));
  }
  if (oracleCharge !== 0n) lines.push(line(position, 'oracle-contingency', { initial: oracleCharge }));
  return lines;
}
