import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { GuardReason } from '../guards/reason.ts';
import type { RobustPrice } from '../price.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import type { FeedPlan } from './plan.ts';

/** One source of a feed while the feed is evaluated. */
export interface Draft {
  readonly report: SourceReport;
  readonly candidate: Candidate | null;
  /** Why it does not vote, all that apply; empty while it does. */
  reasons: readonly GuardReason[];
}

/** A draft that has a price and no reason against it. */
export type Voter = Draft & { readonly candidate: Candidate & { readonly priceWad: Wad } };

export const isVoting = (draft: Draft): draft is Voter =>
  draft.candidate !== null && draft.candidate.priceWad !== null && draft.reasons.length === 0;

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
  const latest: (SourceReport | null)[] = [];
  for (let index = 0; index < plan.sources.length; index += 1) latest.push(null);
  for (let place = 0; place < reports.length; place += 1) {
    const report = reports[place]!;
    const { feedId, sourceId } = report.ok ? report.quote : report.failure;
    // Mostly they come in the order of the configuration.
    const index = plan.sources[place]?.source.id === sourceId ? place : plan.indexOf.get(sourceId);
    if (feedId === plan.config.id && index !== undefined) latest[index] = report;
  }
  const drafts: Draft[] = [];
  for (const source of plan.sources) {
    const report = latest[source.index] ?? missingReport(plan, source.index, nowMs);
    if (report.ok) {
      const candidate = candidateOf(plan, source, report.quote, quotePrices, nowMs);
      drafts.push({ report, candidate, reasons: candidate.reasons });
    } else {
      const { code, message } = report.failure;
      drafts.push({ report, candidate: null, reasons: [{ code, message }] });
    }
  }
  return drafts;
}
