import type { FiledConsent } from '../../db/queries/consents.ts';
import { line, sumLines } from '../../risk/modules/lines.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import { statusOf } from '../../risk/modules/status.ts';
import {
  type BookFigures,
  nettingRelief,
  type Pair,
  reliefOnOwn,
  shareOf,
} from '../../risk/netting/relief.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import { wadFromNumber } from '../../risk/units/decimal.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { mulWadUp } from '../../risk/units/wad.ts';
import type { MarginEvaluation } from '../engine/margin-service.ts';
import type { NettingAnswer } from './netting-answer.ts';

/** A side at the moment of the answer. */
export interface NettedSide {
  readonly evaluation: MarginEvaluation;
  /** Market time of the pushed book; null: nothing was pushed, what counts was read on chain just now. */
  readonly bookAtMs: UnixMs | null;
  /** What it has on chain cannot be counted on now. */
  readonly cutOff: boolean;
}

export interface NettingRules {
  readonly haircutWad: bigint;
  readonly maxBookAgeMs: number;
}

export interface NettedInput {
  readonly filed: FiledConsent;
  readonly protocol: string;
  readonly own: NettedSide;
  /** null: there is no such account, or it cannot be read. */
  readonly other: NettedSide | null;
  readonly rules: NettingRules;
  /** A book under the module and parameters of the consent, for no protocol in particular; null: they are not those any more. */
  readonly evaluate: (portfolio: AnyPortfolio) => MarginEvaluation | null;
}

const NO_RELIEF: Pair = { initialWad: 0n, maintenanceWad: 0n };
const DEFAULT_WARNING_RATIO = 0.1;
/** Priced alike for everybody; options and dated futures are priced by what their own venue pushed. */
const NETTED_KINDS: ReadonlySet<string> = new Set(['perp', 'collateral', 'loan']);

/** The margin of an account with a consent in force: its own, less what the other side's book lets go of it. */
export function nettedMargin(input: NettedInput): {
  readonly result: MarginResult;
  readonly netting: NettingAnswer;
} {
  const { filed, protocol, own } = input;
  const { sides } = filed.consent.document;
  const [mine, theirs] = sides[0].protocol === protocol ? sides : [sides[1], sides[0]];
  const { account, sees } = { ...theirs, sees: mine.sees };
  const answer = { filed, protocol: theirs.protocol, account, sees };
  const { result } = own.evaluation;
  const found = reliefNow(input);
  if ('suspended' in found) {
    const { suspended } = found;
    const reasons = [...result.reasons, suspended];
    return {
      result: { ...result, reasons },
      netting: { ...answer, relief: NO_RELIEF, suspended, figures: null },
    };
  }
  const { figures, relief } = found;
  const positions = sees === 'positions' ? input.other!.evaluation.portfolio.positions : null;
  return {
    result: relieved(own.evaluation, relief),
    netting: { ...answer, relief, suspended: null, figures: { ...figures, positions } },
  };
}

/** Messages name no asset, position or chain of either side: with `totals` a side must not learn them here. */
const suspend = (code: string, message: string, subject?: string) => ({
  suspended: { code, message: `not netted: ${message}`, ...(subject === undefined ? {} : { subject }) },
});

function reliefNow(input: NettedInput) {
  const { filed, protocol, own, other, rules, evaluate } = input;
  const { sides } = filed.consent.document;
  const theirs = sides.find((side) => side.protocol !== protocol)!.protocol;
  if (other === null) return suspend('netting-other-unknown', 'the other account cannot be read', theirs);
  for (const [side, name] of [
    [own, protocol],
    [other, theirs],
  ] as const) {
    const { evaluation, bookAtMs, cutOff } = side;
    if (cutOff) return suspend('netting-cut-off', `what it has on chain cannot be read`, name);
    if (bookAtMs !== null && evaluation.basis.asOfMs > bookAtMs + rules.maxBookAgeMs) {
      return suspend('netting-book-old', `the book is older than ${rules.maxBookAgeMs / 1000} s`, name);
    }
    if (!evaluation.portfolio.positions.every(({ kind }) => NETTED_KINDS.has(kind))) {
      return suspend('netting-kind', 'the book has options or dated futures', name);
    }
    if (!isValued(evaluation)) return suspend('netting-not-valued', 'the book cannot be valued', name);
  }
  const [mine, yours] = [own.evaluation.portfolio, other.evaluation.portfolio];
  // In the order of the document: both sides get the same figures, to the last digit.
  const [first, second] = sides[0].protocol === protocol ? [mine, yours] : [yours, mine];
  const [alone, theirAlone, both] = [mine, yours, together(first, second)].map(evaluate);
  if (!alone || !theirAlone || !both) {
    return suspend('netting-parameters', 'the parameters of the module are not those of the consent');
  }
  if (![alone, theirAlone, both].every(isValued)) {
    return suspend('netting-not-valued', 'the books cannot be valued together');
  }
  const figures = {
    own: figuresOf(alone.result, own.evaluation.result),
    other: figuresOf(theirAlone.result, other.evaluation.result),
    combined: pairOf(both.result),
  };
  const relief = nettingRelief({ ...figures, haircutWad: rules.haircutWad });
  if (relief === null) {
    return suspend('netting-below-maintenance', 'a side does not cover its share of the maintenance margin');
  }
  const required = pairOf(own.evaluation.result);
  const share = shareOf(figures.own, relief.own);
  return { figures, relief: reliefOnOwn(required, share, relief.own, filed.filing.maxReliefWad) };
}

/** Everything has a price of now that may be used for margin, and nothing failed. */
function isValued({ result, basis }: MarginEvaluation): boolean {
  const validForMs = basis.validUntilMs - basis.asOfMs;
  return (
    result.status !== 'unknown' &&
    result.failures.length === 0 &&
    basis.missingFeeds.length === 0 &&
    basis.prices.every(
      ({ market, verdicts, asOfMs }) =>
        market !== null && verdicts.margin.usable && basis.asOfMs <= asOfMs + validForMs,
    )
  );
}

const pairOf = (result: MarginResult): Pair => ({
  initialWad: result.initialRequirementWad,
  maintenanceWad: result.maintenanceRequirementWad,
});

/** Requirements of the consent's module; of equities the lower one: haircuts between chains are in that of the own margin. */
function figuresOf(pinned: MarginResult, own: MarginResult): BookFigures {
  const equityWad = own.equityWad < pinned.equityWad ? own.equityWad : pinned.equityWad;
  return { ...pairOf(pinned), equityWad };
}

function together(first: AnyPortfolio, second: AnyPortfolio): AnyPortfolio {
  const named = ({ positions }: AnyPortfolio, prefix: string) =>
    positions.map((position) => ({ ...position, id: `${prefix}:${position.id}` }));
  return {
    accountId: '',
    cashWad: first.cashWad + second.cashWad,
    positions: [...named(first, '1'), ...named(second, '2')],
  };
}

/** The relief as a line of the answer, so that its sums stay exact. */
function relieved({ result, model }: MarginEvaluation, relief: Pair): MarginResult {
  if (relief.initialWad === 0n && relief.maintenanceWad === 0n) return result;
  const less = { initial: -relief.initialWad, maintenance: -relief.maintenanceWad };
  const lines = [...result.lines, line(null, 'consent-netting', less)];
  const { equityWad, initialWad, maintenanceWad } = sumLines(lines);
  const ratio = (model.parameters as { readonly warningRatio?: unknown } | null)?.warningRatio;
  const warning = typeof ratio === 'number' ? ratio : DEFAULT_WARNING_RATIO;
  const [netInitialWad, netMaintenanceWad] = [equityWad - initialWad, equityWad - maintenanceWad];
  return {
    ...result,
    lines,
    initialRequirementWad: initialWad,
    maintenanceRequirementWad: maintenanceWad,
    netInitialWad,
    netMaintenanceWad,
    status: statusOf({
      equityWad,
      netInitialWad,
      netMaintenanceWad,
      warningLevelWad: mulWadUp(initialWad, wadFromNumber(warning)),
      liquidationCostWad: result.liquidationCostWad ?? 0n,
      failed: false,
    }),
  };
}
