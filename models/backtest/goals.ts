import { PLAIN_MODEL } from './margin-model.ts';
import { NAMED_POLICIES, type Policy } from './policies.ts';
import type { MarginScores } from './score-margins.ts';

/** The model whose stress weight is the yardstick of procyclicality. */
export const YARDSTICK_MODEL = 'logHARX168';

export interface GoalResult {
  readonly goal: string;
  readonly held: number;
  readonly of: number;
  /** Which did not hold. */
  readonly failed: readonly string[];
}

const nameOf = (one: MarginScores) => `${one.asset} ${one.side} ${one.model} ${one.policy}`;

/**
 * What is asked of the margins, counted over assets and sides: unbuffered ones pass two-sided, buffered ones one-sided,
 * forecast margins leave less shortfall than historical simulation at the same mean margin, and each named buffer of
 * the yardstick model is less procyclical than its plain stress weight, and no worse in shortfall at the same mean.
 */
export function judgeGoals(scores: readonly MarginScores[]): GoalResult[] {
  const count = (goal: string, among: readonly MarginScores[], holds: (one: MarginScores) => boolean) => {
    const failed = among.filter((one) => !holds(one)).map(nameOf);
    return { goal, held: among.length - failed.length, of: among.length, failed };
  };
  const beside = (one: MarginScores, model: string, policy: Policy) =>
    scores.find(
      (two) =>
        two.asset === one.asset && two.side === one.side && two.model === model && two.policy === policy,
    );
  const unbuffered = scores.filter((one) => one.policy === 'unbuffered');
  const named = scores.filter((one) => NAMED_POLICIES.some((policy) => policy === one.policy));
  const forecast = unbuffered.filter((one) => one.model !== PLAIN_MODEL);
  const yardstick = (one: MarginScores) => beside(one, YARDSTICK_MODEL, 'weight25');
  const judged = named.filter((one) => one.model === YARDSTICK_MODEL && yardstick(one) !== undefined);
  return [
    count('unbuffered margins pass Kupiec and Christoffersen, two-sided', unbuffered, (one) => one.passes),
    count('buffered margins pass one-sided', named, (one) => one.passes),
    count(
      'less shortfall than historical simulation at the same mean margin',
      forecast,
      (one) => one.shortfallAtPlainMean < beside(one, PLAIN_MODEL, 'unbuffered')!.meanShortfall,
    ),
    ...NAMED_POLICIES.map((policy) =>
      count(
        `${policy}: smaller 5-day rise and peak/trough than ${YARDSTICK_MODEL} with a 25 % stress weight`,
        judged.filter((one) => one.policy === policy),
        (one) => one.largestRise < yardstick(one)!.largestRise && one.peakTrough < yardstick(one)!.peakTrough,
      ),
    ),
    ...NAMED_POLICIES.map((policy) =>
      count(
        `${policy}: no more shortfall than that stress weight at the same mean margin`,
        judged.filter((one) => one.policy === policy),
        (one) => one.shortfallAtPlainMean <= yardstick(one)!.shortfallAtPlainMean,
      ),
    ),
  ];
}
