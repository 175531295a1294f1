import type { MarketPrice } from '../../market/market-data.ts';
import type { PerpPosition } from '../../portfolio/portfolio.ts';
import { ceilDiv, mulWadDown, WAD, type Wad } from '../../units/wad.ts';
import { allocate } from '../allocate.ts';
import { line } from '../lines.ts';
import type { ContributionLine } from '../module.ts';
import type { Rates } from './rates.ts';

const WAD_SQUARED = WAD * WAD;

/** |net size| x price x rate, one rounding, up. */
function charge(netWad: Wad, priceWad: Wad, rateWad: Wad): Wad {
  return ceilDiv((netWad < 0n ? -netWad : netWad) * priceWad * rateWad, WAD_SQUARED);
}

/** What closing the market's net position is assumed to cost. */
export function perpClosingCost(group: readonly PerpPosition[], priceWad: Wad, costRateWad: Wad): Wad {
  return charge(netSize(group), priceWad, costRateWad);
}

export function netSize(group: readonly PerpPosition[]): Wad {
  return group.reduce((sum, position) => sum + position.sizeWad, 0n);
}

/** PnL and funding of each position as equity. */
export function perpEquityLines(group: readonly PerpPosition[], price: MarketPrice): ContributionLine[] {
  return group.flatMap((position) => {
    const pnl = mulWadDown(position.sizeWad, price.priceWad - position.entryPriceWad);
    const lines = [line(position, 'perp-pnl', { equity: pnl })];
    if (position.unsettledFundingWad !== 0n) {
      lines.push(line(position, 'funding', { equity: position.unsettledFundingWad }));
    }
    return lines;
  });
}

/**
 * Lines of all positions in one perp market (the same market on several chains nets). PnL and funding are equity of
 * each position; the requirement is that of the net size and is allocated by signed size (Euler), so that an
 * offsetting position shows what it saves.
 */
export function perpLines(
  group: readonly PerpPosition[],
  price: MarketPrice,
  rates: Rates,
  oracleRateWad: Wad,
  depegRateWad: Wad,
): ContributionLine[] {
  const lines = perpEquityLines(group, price);
  const net = netSize(group);
  if (net === 0n) return lines;
  const sizes = group.map((position) => position.sizeWad);
  const add = (term: string, initial: Wad, maintenance: Wad) => {
    if (initial === 0n && maintenance === 0n) return;
    const initials = allocate(initial, sizes);
    const maintenances = allocate(maintenance, sizes);
    group.forEach((position, i) => {
      lines.push(line(position, term, { initial: initials[i]!, maintenance: maintenances[i]! }));
    });
  };
  const base = {
    initial: charge(net, price.priceWad, rates.baseInitialWad),
    maintenance: charge(net, price.priceWad, rates.baseMaintenanceWad),
  };
  add('perp-margin', base.initial, base.maintenance);
  add(
    'perp-buffer',
    charge(net, price.priceWad, rates.initialWad) - base.initial,
    charge(net, price.priceWad, rates.maintenanceWad) - base.maintenance,
  );
  add('oracle-contingency', charge(net, price.priceWad, oracleRateWad), 0n);
  add('depeg', charge(net, price.priceWad, depegRateWad), 0n);
  return lines;
}
