import { settle } from '../../units/settle.ts';
import { wadToFloat } from '../../units/wad.ts';
import type { OptionGroup } from '../book/option-book.ts';
import { optionGreeks } from '../book/option-greeks.ts';
import { oracleRate } from '../book/rates.ts';
import { line } from '../lines.ts';
import type { BufferView, ContributionLine, PositionSensitivity } from '../module.ts';
import { type OptionRates, optionMargins } from './option-margin.ts';
import type { StandardParameters } from './parameters.ts';

/** Rates of short options with the buffer on every rate of a move; the unpaired scale bounds a loss and has none. */
export function optionRates(p: StandardParameters, factor: number, initial: boolean): OptionRates {
  const o = p.option;
  return {
    maxSpot: o.maxSpot * factor,
    minSpot: o.minSpot * factor,
    maintenanceCall: o.maintenanceCall * factor,
    maintenancePut: o.maintenancePut * factor,
    maintenancePutOfPremium: o.maintenancePutOfPremium * factor,
    putOffset: o.putOffset,
    unpaired: initial ? o.unpairedInitial : o.unpairedMaintenance,
  };
}

/** Rates for initial and for maintenance of one group. */
export function groupRates(p: StandardParameters, buffer: BufferView | null) {
  return {
    initial: optionRates(p, buffer?.initialFactor ?? 1, true),
    maintenance: optionRates(p, buffer?.maintenanceFactor ?? 1, false),
  };
}

/** Lines of one expiry: value as equity, requirement per leg, and the charges of shorts on spot notional. */
export function optionLines(
  group: OptionGroup,
  p: StandardParameters,
  buffer: BufferView | null,
  depegWad: bigint,
): ContributionLine[] {
  const rates = groupRates(p, buffer);
  const initial = optionMargins(group, group.spot, group.forward, true, rates.initial);
  const maintenance = optionMargins(group, group.spot, group.forward, false, rates.maintenance);
  const oracle = wadToFloat(oracleRate(group.confidenceScore, p.oracleContingency));
  const depeg = wadToFloat(depegWad);
  return group.legs.flatMap((leg, i) => {
    const lines = [
      line(leg.position, 'option-value', { equity: settle(initial.values[i]!, 'credit', 'option value') }),
      line(leg.position, 'option-margin', {
        initial: settle(initial.requirements[i]!, 'debit', 'option margin'),
        maintenance: settle(maintenance.requirements[i]!, 'debit', 'option margin'),
      }),
    ];
    const notional = leg.contracts < 0 ? -leg.contracts * group.spot : 0;
    if (oracle * notional > 0) {
      lines.push(line(leg.position, 'oracle-contingency', { initial: settle(oracle * notional, 'debit') }));
    }
    if (depeg * notional > 0)
      lines.push(line(leg.position, 'depeg', { initial: settle(depeg * notional, 'debit') }));
    return lines;
  });
}

/** Relative bump for the slopes of requirements, which have kinks. */
const BUMP = 1e-4;

/** Delta by Black-76 on the forward that moves with spot; slopes of the requirement by central difference. */
export function optionSensitivities(
  group: OptionGroup,
  p: StandardParameters,
  buffer: BufferView | null,
): PositionSensitivity[] {
  const rates = groupRates(p, buffer);
  const at = (scale: number, initial: boolean) =>
    optionMargins(
      group,
      group.spot * scale,
      group.forward * scale,
      initial,
      initial ? rates.initial : rates.maintenance,
    ).requirements;
  const width = 2 * BUMP * group.spot;
  const [initialUp, initialDown] = [at(1 + BUMP, true), at(1 - BUMP, true)];
  const [maintenanceUp, maintenanceDown] = [at(1 + BUMP, false), at(1 - BUMP, false)];
  return group.legs.map((leg, i) => ({
    ...optionGreeks(group, leg),
    initialSlope: (initialUp[i]! - initialDown[i]!) / width,
    maintenanceSlope: (maintenanceUp[i]! - maintenanceDown[i]!) / width,
  }));
}
