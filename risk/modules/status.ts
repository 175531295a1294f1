import type { Wad } from '../units/wad.ts';
import type { MarginStatus } from './module.ts';

export interface StatusInput {
  readonly equityWad: Wad;
  readonly netInitialWad: Wad;
  readonly netMaintenanceWad: Wad;
  /** Net initial margin below this is `warned`. */
  readonly warningLevelWad: Wad;
  /** Cost of closing what the account holds. */
  readonly liquidationCostWad: Wad;
  /** True when a position could not be valued. */
  readonly failed: boolean;
}

/**
 * State of an account, worst first. A position without a value makes the whole account `unknown`: neither healthy
 * nor liquidatable can be claimed.
 */
export function statusOf(input: StatusInput): MarginStatus {
  if (input.failed) return 'unknown';
  if (input.netMaintenanceWad < 0n) {
    const afterCost = input.equityWad - input.liquidationCostWad;
    return afterCost < 0n || input.equityWad < 0n ? 'insolvent' : 'liquidatable';
  }
  if (input.netInitialWad < 0n) return 'margin-call';
  return input.netInitialWad < input.warningLevelWad ? 'warned' : 'healthy';
}
