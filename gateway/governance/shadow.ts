import type { AccountImpact } from '../../db/queries/proposals.ts';
import { InvalidInputError } from '../../risk/errors.ts';
import type { MarginStatus } from '../../risk/modules/module.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import { AnalysisBusyError } from '../engine/analysis-errors.ts';
import type { EveryBook } from '../venues/every-book.ts';
import type { Configurations } from './configurations.ts';
import { CALLED, impactOf, LIQUIDATED, type MarginUnder } from './impact.ts';
import { mergePatch } from './merge-patch.ts';
import { type DeploymentModel, pinnedModel } from './pinned-model.ts';
import type { GovernancePort, ShadowAsk } from './port.ts';

/** Positions that one run may value, under both models together: some seconds of the slowest module. */
const LIMIT = 400_000;
/** Runs at the same time over all protocols; one of each. */
const MAX_RUNS = 4;

/** Change of the initial requirement, without its sign. */
export function changeOf({ initialBeforeWad, initialAfterWad }: AccountImpact): bigint {
  const change = initialAfterWad - initialBeforeWad;
  return change < 0n ? -change : change;
}

const SHOWN: Readonly<Record<ShadowAsk['show'], (before: MarginStatus, after: MarginStatus) => boolean>> = {
  all: () => true,
  changed: (before, after) => before !== after,
  called: (before, after) => CALLED.has(after) && !CALLED.has(before),
  liquidated: (before, after) => LIQUIDATED.has(after) && !LIQUIDATED.has(before),
};

/** Largest change first, accounts that change alike by id. */
const byChange = (a: AccountImpact, b: AccountImpact): number => {
  const [one, two] = [changeOf(a), changeOf(b)];
  if (one !== two) return one > two ? -1 : 1;
  return a.account < b.account ? -1 : 1;
};

/** Runs a module version and parameters on the live book of a protocol, beside what is in force; stores nothing. */
export function shadowRuns(options: {
  readonly books: EveryBook;
  readonly configurations: Configurations;
  readonly deployment: DeploymentModel;
  readonly clock: Clock;
  /** A market that stands still, and since when. */
  readonly still: () => { readonly asOfMs: UnixMs; readonly margin: MarginUnder };
}): GovernancePort['shadow'] {
  const { books, configurations, deployment, clock, still } = options;
  const running = new Set<string>();
  return async (protocol, { module, parameters, show, after: place, limit }, signal) => {
    const accepted = configurations.inForce(protocol, clock.nowMs());
    const before = accepted?.model ?? deployment;
    const given = accepted?.parameters ?? deployment.given;
    const start = module.id === before.module.id ? given : {};
    if (Object.hasOwn(parameters, 'lending'))
      throw new InvalidInputError('parameters.lending', 'changes no margin: there is nothing to run it over');
    const after = pinnedModel(module.id, module.version, mergePatch(start, parameters));
    if (running.has(protocol)) throw new AnalysisBusyError('a shadow run of yours is not done yet');
    if (running.size >= MAX_RUNS) throw new AnalysisBusyError('too many shadow runs');
    running.add(protocol);
    try {
      const market = still();
      const { summary, accounts } = await impactOf({
        books,
        protocol,
        before,
        after,
        ...market,
        signal,
        limit: LIMIT,
      });
      const isAfter = (row: AccountImpact) =>
        place === null ||
        changeOf(row) < place.changeWad ||
        (changeOf(row) === place.changeWad && row.account > place.account);
      const shown = accounts.filter(
        (row) =>
          SHOWN[show](row.statusBefore as MarginStatus, row.statusAfter as MarginStatus) && isAfter(row),
      );
      return { before, after, summary, accounts: shown.sort(byChange).slice(0, limit) };
    } finally {
      running.delete(protocol);
    }
  };
}
