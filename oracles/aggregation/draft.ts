import type { UnixMs } from '../../risk/units/time.ts';
import type { GuardReason } from '../guards/reason.ts';
import type { RobustPrice } from '../price.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import type { FeedPlan } from './plan.ts';

/** One source of a feed while the feed is evaluated. */
export interface Draft {
  readonly report: SourceReport;
  readonly candidate: ReturnType<typeof candidateOf> | null;
  /** Why it does not vote; null while it does. */
  reason: GuardReason | null;
  weight: bigint;
}

/** A draft that has a price and no reason against it. */
export type Voter = Draft & { readonly candidate: Candidate };

export const isVoting = (draft: Draft): draft is Voter =>
  draft.candidate !== null && draft.candidate.priceWad !== null && draft.reason === null;

/** Independent groups of which at least one source is among `voters`. */
export function groupCount(voters: readonly Voter[]): number {
  return new Set(voters.map(({ candidate }) => candidate.plan.group)).size;
}

function missingReport({ config }: FeedPlan, index: number, atMs: UnixMs): SourceReport {
  const source = config.sources[index]!;
  const chain = 'chain' in source ? source.chain : null;
  const message = 'nothing received yet';
  const { id: sourceId, kind } = source;
  return {
    ok: false,
    failure: { feedId: config.id, sourceId, kind, chain, code: 'no-report', message, atMs },
  };
}

/** One draft per configured source, in their order; of several reports of a source the last counts. */
export function draftsOf(
  plan: FeedPlan,
  reports: readonly SourceReport[],
  quotePrices: ReadonlyMap<string, RobustPrice>,
  nowMs: UnixMs,
): Draft[] {
  const latest: (SourceReport | undefined)[] = [];
  for (const report of reports) {
    const { feedId, sourceId } = report.ok ? report.quote : report.failure;
    const index = plan.indexOf.get(sourceId);
    if (feedId === plan.config.id && index !== undefined) latest[index] = report;
  }
  return plan.sources.map((source, index) => {
    const report = latest[index] ?? missingReport(plan, index, nowMs);
    if (!report.ok) return { report, candidate: null, reason: report.failure, weight: 0n };
    const candidate = candidateOf(plan, source, report.quote, quotePrices, nowMs);
    return { report, candidate, reason: candidate.reason, weight: 0n };
  });
}
