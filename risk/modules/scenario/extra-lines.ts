import { settle } from '../../units/settle.ts';
import { wadToFloat } from '../../units/wad.ts';
import { exposureOf } from '../book/derivative.ts';
import { line } from '../lines.ts';
import type { ContributionLine } from '../module.ts';
import type { JointLoss } from './offset.ts';
import type { ScenarioTerms } from './terms.ts';
import { quantityOf, type Underlying, type UnderlyingLoss, type UnderlyingLosses } from './underlying.ts';

interface Share {
  readonly owner: { readonly id: string; readonly chain: string | null };
  /** Part of the loss; negative. */
  readonly loss: number;
}

/** Every position's share of a loss, in an order that depends on the underlying only. */
function sharesOf(u: Underlying, { legs, perNotional }: UnderlyingLoss): Share[] {
  const shares: Share[] = u.options.flatMap((group, g) =>
    group.legs.map(({ position: owner }, i) => ({ owner, loss: legs[g]![i]! })),
  );
  for (const group of u.perps) {
    for (const owner of group.positions) shares.push({ owner, loss: exposureOf(group, owner) * perNotional });
  }
  for (const { position: owner, price } of u.cancelling) {
    const value = wadToFloat(owner.amountWad) * wadToFloat(price.priceWad);
    shares.push({ owner, loss: value * perNotional });
  }
  for (const leg of u.loans) shares.push({ owner: leg.position, loss: -quantityOf(leg) * perNotional });
  return shares;
}

/** Class of an underlying, at each margin; absent where it stands alone. */
export interface Joints {
  readonly initial: readonly JointLoss[];
  readonly maintenance: readonly JointLoss[];
}

/** The joint loss of an underlying and the credit of its class. */
export function memberOf(joints: readonly JointLoss[], k: number) {
  for (const joint of joints) {
    const loss = joint.members.get(k);
    if (loss !== undefined) return { loss, credit: joint.class.credit };
  }
  return null;
}

/** Own share of each position, and what moving with others changes of it (credit x (together - apart)). */
function moved(u: Underlying, own: UnderlyingLoss, joints: readonly JointLoss[], k: number) {
  const apart = sharesOf(u, own);
  const member = memberOf(joints, k);
  const together = member === null ? apart : sharesOf(u, member.loss);
  const credit = member?.credit ?? 0;
  return apart.map(({ owner, loss }, i) => ({ owner, loss, offset: credit * (together[i]!.loss - loss) }));
}

/**
 * Lines of one underlying that versions from 2.1.0 have: `correlation-offset`, what the class saves; `depeg`, the addition
 * to the initial loss factor on what is left.
 */
export function extraLines(
  u: Underlying,
  k: number,
  { initial, maintenance }: UnderlyingLosses,
  joints: Joints,
  terms: ScenarioTerms,
): ContributionLine[] {
  const atInitial = moved(u, initial, joints.initial, k);
  const atMaintenance = moved(u, maintenance, joints.maintenance, k);
  const lines: ContributionLine[] = [];
  atInitial.forEach(({ owner, loss, offset }, i) => {
    const saved = {
      initial: settle(-offset * terms.initialLossFactor, 'debit', 'offset'),
      maintenance: settle(-atMaintenance[i]!.offset * terms.maintenanceLossFactor, 'debit', 'offset'),
    };
    if (saved.initial !== 0n || saved.maintenance !== 0n)
      lines.push(line(owner, 'correlation-offset', saved));
    const depeg = settle(-(loss + offset) * terms.depegFactor, 'debit', 'depeg');
    if (depeg !== 0n) lines.push(line(owner, 'depeg', { initial: depeg }));
  });
  return lines;
}
