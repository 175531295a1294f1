import type { Wad } from '../../units/wad.ts';
import { allocate } from '../allocate.ts';
import { line } from '../lines.ts';
import type { ContributionLine } from '../module.ts';
import { chargeOn, fundingOf, netSize, type PerpGroup, pnlOf } from './derivative.ts';
import type { Rates } from './rates.ts';

/** What closing the market's net position is assumed to cost. */
export function perpClosingCost(group: PerpGroup, costRateWad: Wad): Wad {
  return chargeOn(group, netSize(group.positions), costRateWad);
}

/** PnL and funding of each position as equity. */
export function perpEquityLines(group: PerpGroup): ContributionLine[] {
  const term = group.market.kind === 'future' ? 'future-pnl' : 'perp-pnl';
  const lines: ContributionLine[] = [];
  for (const position of group.positions) {
    lines.push(line(position, term, { equity: pnlOf(group, position) }));
    const funding = fundingOf(group, position);
    if (funding !== 0n) lines.push(line(position, 'funding', { equity: funding }));
  }
  return lines;
}

/**
 * Lines of all positions in one perp or future market (the same market on several chains nets). PnL and funding are
 * equity of each position; the requirement is that of the net size and is allocated by signed size (Euler), so that
 * an offsetting position shows what it saves.
 */
export function perpLines(
  group: PerpGroup,
  rates: Rates,
  oracleRateWad: Wad,
  depegRateWad: Wad,
): ContributionLine[] {
  const lines = perpEquityLines(group);
  const net = netSize(group.positions);
  if (net === 0n) return lines;
  const sizes = group.positions.map((position) => position.sizeWad);
  const base = {
    initial: chargeOn(group, net, rates.baseInitialWad),
    maintenance: chargeOn(group, net, rates.baseMaintenanceWad),
  };
  add(lines, group, sizes, `${group.market.kind}-margin`, base.initial, base.maintenance);
  add(
    lines,
    group,
    sizes,
    `${group.market.kind}-buffer`,
    chargeOn(group, net, rates.initialWad) - base.initial,
    chargeOn(group, net, rates.maintenanceWad) - base.maintenance,
  );
  add(lines, group, sizes, 'oracle-contingency', chargeOn(group, net, oracleRateWad), 0n);
  add(lines, group, sizes, 'depeg', chargeOn(group, net, depegRateWad), 0n);
  return lines;
}

/** The lines of a requirement that positions share by their sizes; none where it is nothing. */
function add(
  lines: ContributionLine[],
  { positions }: PerpGroup,
  sizes: readonly Wad[],
  term: string,
  initial: Wad,
  maintenance: Wad,
): void {
  if (initial === 0n && maintenance === 0n) return;
  const initials = allocate(initial, sizes);
  const maintenances = allocate(maintenance, sizes);
  for (let i = 0; i < positions.length; i++) {
    lines.push(line(positions[i]!, term, { initial: initials[i]!, maintenance: maintenances[i]! }));
  }
}
