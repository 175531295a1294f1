import { venueGreeks } from '../../pricing/deribit-greeks.ts';
import type { PositionSensitivity } from '../module.ts';
import type { OptionGroup, OptionLeg } from './option-book.ts';

/** Delta to spot (the forward moves with it) and Greeks of a whole option position, in the conventions of venues. */
export function optionGreeks(
  group: Pick<OptionGroup, 'asset' | 'spot' | 'forward' | 'tau'>,
  leg: OptionLeg,
): Pick<PositionSensitivity, 'positionId' | 'asset' | 'delta' | 'greeks'> {
  const one = venueGreeks(group.forward, leg.strike, group.tau, leg.volatility, leg.isCall);
  return {
    positionId: leg.position.id,
    asset: group.asset,
    delta: (leg.size * one.delta * group.forward) / group.spot,
    greeks: {
      gamma: leg.size * one.gamma,
      vega: leg.size * one.vega,
      theta: leg.size * one.theta,
      rho: leg.size * one.rho,
    },
  };
}
