import {
  COMPARED_DEBTS,
  COMPARED_SHARES,
  type Comparison,
  compareAt,
  compareAtDebt,
  type FrontierPoint,
} from './frontier/frontier.ts';
import { PLAIN_MODEL, YARDSTICK_MODEL } from './margin-model.ts';
import { NAMED_POLICIES, type Policy } from './policies.ts';
import { type MarginScores, TEST_LEVEL } from './score-margins.ts';
import { shortfallOn, type TradeOff } from './trade-off.ts';

/** Reference points that a margin should beat: they know no more than past returns, without a model of their dynamics. */
const SIMPLE_MODELS: readonly string[] = [PLAIN_MODEL, 'EWMA'];

export interface GoalResult {
  readonly goal: string;
  readonly held: number;
  readonly of: number;
  /** Which did not hold. */
  readonly failed: readonly string[];
}

const nameOf = (one: MarginScores) => `${one.asset} ${one.side} ${one.model} ${one.policy}`;

function count<T>(
  goal: string,
  among: readonly T[],
  holds: (one: T) => boolean,
  name: (one: T) => string,
): GoalResult {
  const failed = among.filter((one) => !holds(one)).map(name);
  return { goal, held: among.length - failed.length, of: among.length, failed };
}

/**
 * What is asked of the margins, counted over assets and sides: unbuffered ones pass two-sided, buffered ones have not too
 * many exceedances, forecast margins leave less shortfall than historical simulation at the same mean margin, and each
 * named buffer of the yardstick model is less procyclical than its plain stress weight, leaves less shortfall than the
 * stress weight that is as little procyclical, and no more than that of 25 %, all at the same mean margin.
 */
export function judgeGoals(scores: readonly MarginScores[], curves: readonly TradeOff[]): GoalResult[] {
  const judge = (goal: string, among: readonly MarginScores[], holds: (one: MarginScores) => boolean) =>
    count(goal, among, holds, nameOf);
  const beside = (one: MarginScores, model: string, policy: Policy) =>
    scores.find(
      (two) =>
        two.asset === one.asset && two.side === one.side && two.model === model && two.policy === policy,
    );
  const unbuffered = scores.filter((one) => one.policy === 'unbuffered');
  const named = scores.filter((one) => NAMED_POLICIES.some((policy) => policy === one.policy));
  const forecast = unbuffered.filter((one) => one.model !== PLAIN_MODEL);
  const modelled = unbuffered.filter((one) => !SIMPLE_MODELS.includes(one.model));
  const yardstick = (one: MarginScores) => beside(one, YARDSTICK_MODEL, 'weight25');
  const judged = named.filter((one) => one.model === YARDSTICK_MODEL && yardstick(one) !== undefined);
  return [
    judge('unbuffered margins pass Kupiec and Christoffersen, two-sided', unbuffered, (one) => one.passes),
    judge(`of these, of models other than ${SIMPLE_MODELS.join(' and ')}`, modelled, (one) => one.passes),
    judgeTogether(unbuffered),
    judge('buffered margins pass one-sided: not too many exceedances', named, (one) => one.passes),
    judge(
      'buffered margins: exceedances do not cluster (Christoffersen, one-sided)',
      named,
      (one) => one.clusteredP >= TEST_LEVEL,
    ),
    judge(
      'less shortfall than historical simulation at the same mean margin',
      forecast,
      (one) => one.shortfallAtPlainMean < beside(one, PLAIN_MODEL, 'unbuffered')!.meanShortfall,
    ),
    ...NAMED_POLICIES.map((policy) =>
      judge(
        `${policy}: smaller 5-day rise and peak/trough than ${YARDSTICK_MODEL} with a 25 % stress weight`,
        judged.filter((one) => one.policy === policy),
        (one) => one.largestRise < yardstick(one)!.largestRise && one.peakTrough < yardstick(one)!.peakTrough,
      ),
    ),
    ...NAMED_POLICIES.map((policy) =>
      judge(
        `${policy}: no more shortfall than the 25 % stress weight at the same mean margin`,
        judged.filter((one) => one.policy === policy),
        (one) => one.shortfallAtPlainMean <= yardstick(one)!.shortfallAtPlainMean,
      ),
    ),
    ...NAMED_POLICIES.map((policy) => {
      const onCurve = (one: MarginScores) => {
        const curve = curves.find((two) => two.asset === one.asset && two.side === one.side);
        return curve === undefined ? null : shortfallOn(curve, one.peakTrough);
      };
      return judge(
        `${policy}: less shortfall at the same mean margin than the stress weight with the same peak/trough`,
        judged.filter((one) => one.policy === policy && onCurve(one) !== null),
        (one) => one.shortfallAtPlainMean < onCurve(one)!,
      );
    }),
  ];
}

/**
 * All p-values of the unbuffered margins judged together (Holm 1979): with many tests at 5 % some fail by chance; one that
 * fails here does not.
 */
function judgeTogether(unbuffered: readonly MarginScores[]): GoalResult {
  const tests = unbuffered
    .flatMap((one) => [
      { name: `${nameOf(one)} Kupiec`, p: one.kupiecP },
      { name: `${nameOf(one)} independence`, p: one.independenceP },
    ])
    .sort((a, b) => a.p - b.p);
  const rejected = new Set<string>();
  for (const [at, { name, p }] of tests.entries()) {
    if (p * (tests.length - at) >= TEST_LEVEL) break;
    rejected.add(name);
  }
  return count(
    'p-values of the unbuffered margins that stand when all are judged together at 5 % (Holm)',
    tests,
    ({ name }) => !rejected.has(name),
    ({ name }) => name,
  );
}

/**
 * Against the static margin, over assets: less bad debt with as many unnecessary liquidations, and fewer of these with as
 * much bad debt. Only where both curves reach the point.
 */
export function judgeFrontier(points: readonly FrontierPoint[]): GoalResult[] {
  const curve = (asset: string, margin: string) =>
    points.filter((one) => one.asset === asset && one.margin === margin);
  const assets = [...new Set(points.map((one) => one.asset))];
  const still = points.find((one) => one.kind === 'static')?.margin ?? '';
  const names = [...new Set(points.filter((one) => one.kind !== 'static').map((one) => one.margin))];
  const judge = (
    goal: string,
    margin: string,
    at: readonly number[],
    compare: typeof compareAt,
    value: (one: Comparison) => number,
    name: (at: number) => string,
  ) => {
    const compared = assets.flatMap((asset) =>
      at.flatMap((where) => {
        const own = compare(curve(asset, margin), where);
        const other = compare(curve(asset, still), where);
        return own === null || other === null
          ? []
          : [{ name: `${asset} at ${name(where)}`, less: value(own) < value(other) }];
      }),
    );
    return count(
      `${margin}: ${goal}`,
      compared,
      ({ less }) => less,
      (one) => one.name,
    );
  };
  return [
    ...names.map((margin) =>
      judge(
        'less bad debt than a static margin with as many unnecessary liquidations',
        margin,
        COMPARED_SHARES,
        compareAt,
        (one) => one.badDebt,
        (share) => `${(100 * share).toFixed(0)} %`,
      ),
    ),
    ...names.map((margin) =>
      judge(
        'fewer unnecessary liquidations than a static margin with as much bad debt',
        margin,
        COMPARED_DEBTS,
        compareAtDebt,
        (one) => one.unnecessary,
        (debt) => `${(1e4 * debt).toFixed(0)} bp`,
      ),
    ),
  ];
}
