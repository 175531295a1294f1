import { wadFromNumber } from '../../units/decimal.ts';
import { settle } from '../../units/settle.ts';
import { mulWadUp, WAD, type Wad } from '../../units/wad.ts';
import type { BufferView } from '../module.ts';

/** A pair of rates before and after the buffer. */
export interface Rates {
  readonly baseInitialWad: Wad;
  readonly baseMaintenanceWad: Wad;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
}

/** Applies the buffer factors to a pair of rates, rounding up; `ceilingWad` bounds haircuts at one. */
export function bufferRates(
  initial: number,
  maintenance: number,
  buffer: BufferView | null,
  ceilingWad: Wad | null = null,
): Rates {
  const baseInitialWad = wadFromNumber(initial);
  const baseMaintenanceWad = wadFromNumber(maintenance);
  return {
    baseInitialWad,
    baseMaintenanceWad,
    initialWad: scaled(baseInitialWad, buffer?.initialFactor ?? 1, ceilingWad),
    maintenanceWad: scaled(baseMaintenanceWad, buffer?.maintenanceFactor ?? 1, ceilingWad),
  };
}

function scaled(rateWad: Wad, factor: number, ceilingWad: Wad | null): Wad {
  const wad = mulWadUp(rateWad, settle(factor, 'debit', 'buffer factor'));
  return ceilingWad !== null && wad > ceilingWad ? ceilingWad : wad;
}

/** A charge that starts below a threshold. */
export interface ThresholdCharge {
  readonly threshold: number;
  readonly factor: number;
}

/** Oracle contingency as a rate on the notional: (1 - c) x factor when c is below the threshold. */
export function oracleRate(confidenceScore: number, { threshold, factor }: ThresholdCharge): Wad {
  return confidenceScore < threshold
    ? settle((1 - confidenceScore) * factor, 'debit', 'oracle contingency')
    : 0n;
}

/** Depeg charge as a rate on the notional: max(0, threshold - stable price) x factor. */
export function depegRate(stablePriceWad: Wad | null, { threshold, factor }: ThresholdCharge): Wad {
  if (stablePriceWad === null) return 0n;
  const gap = wadFromNumber(threshold) - stablePriceWad;
  return gap > 0n ? mulWadUp(gap, wadFromNumber(factor)) : 0n;
}

/** Haircuts cannot take more than the whole value. */
export const WHOLE: Wad = WAD;
