import { wadToFloat } from '../../units/wad.ts';
import { netSize, notionalOf } from '../book/derivative.ts';
import type { ScenarioTerms } from './terms.ts';
import type { Underlying } from './underlying.ts';

/** What one position is charged beside the loss, in quote; offsetting positions may be negative. */
export interface PositionCharge {
  readonly owner: { readonly id: string; readonly chain: string | null };
  readonly term: 'contingency' | 'oracle-contingency';
  readonly initial: number;
  readonly maintenance: number;
}

/** Contingencies and confidence charges of one underlying with spot multiplied by `scale`. */
export function positionCharges(u: Underlying, terms: ScenarioTerms, scale = 1): PositionCharge[] {
  const charges: PositionCharge[] = [];
  const { threshold, factor } = terms.confidence;
  const doubt = (confidence: number) => (confidence < threshold ? (1 - confidence) * factor : 0);
  let base = u.options[0]?.price.confidenceScore ?? 1;
  for (const group of u.perps) {
    const { confidenceScore, positions } = group;
    base = Math.min(base, confidenceScore);
    const side = Math.sign(wadToFloat(netSize(positions)));
    for (const owner of positions) {
      const notional = notionalOf(group, owner.sizeWad, scale) * side;
      const { initial, maintenance } = terms.perp;
      charges.push({
        owner,
        term: 'contingency',
        initial: notional * initial,
        maintenance: notional * maintenance,
      });
      charges.push({
        owner,
        term: 'oracle-contingency',
        initial: notional * doubt(confidenceScore),
        maintenance: 0,
      });
    }
  }
  const spot = u.spot * scale;
  for (const group of u.options) {
    const rate = doubt(Math.min(base, group.confidenceScore, group.data.rateConfidence));
    const netByStrike = new Map<number, number>();
    for (const leg of group.legs)
      netByStrike.set(leg.strike, (netByStrike.get(leg.strike) ?? 0) + leg.contracts);
    for (const leg of group.legs) {
      const owner = leg.position;
      const naked = netByStrike.get(leg.strike)! < 0 ? -leg.contracts * spot : 0;
      const { initial, maintenance } = terms.option;
      if (naked !== 0) {
        charges.push({
          owner,
          term: 'contingency',
          initial: naked * initial,
          maintenance: naked * maintenance,
        });
      }
      if (rate !== 0) {
        charges.push({
          owner,
          term: 'oracle-contingency',
          initial: Math.abs(leg.contracts) * spot * rate,
          maintenance: 0,
        });
      }
    }
  }
  for (const leg of u.cancelling) {
    const value = wadToFloat(leg.position.amountWad) * wadToFloat(leg.price.priceWad) * scale;
    const { initial, maintenance } = terms.base;
    charges.push({
      owner: leg.position,
      term: 'contingency',
      initial: value * initial,
      maintenance: value * maintenance,
    });
  }
  return charges.filter((each) => each.initial !== 0 || each.maintenance !== 0);
}
