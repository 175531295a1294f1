import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { GuardReason } from '../guards/reason.ts';
import type { RobustPrice } from '../price.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { type Candidate, type CandidateSlot, emptyCandidate, judgeQuote } from './candidate.ts';
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

/** Those that vote, in their order; the drafts themselves where all do. */
export function votersOf(drafts: readonly Draft[]): readonly Voter[] {
  return drafts.every(isVoting) ? drafts : drafts.filter(isVoting);
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

interface Slot {
  latest: SourceReport | null;
  report: SourceReport;
  candidate: Candidate | null;
  reasons: readonly GuardReason[];
  /** Written over with every quote, and `candidate` while there is one. */
  readonly own: CandidateSlot;
}

const slots = new WeakMap<FeedPlan, readonly Slot[]>();

/** One slot per source, made once per feed: an evaluation is over before the next one of its feed begins. */
function slotsOf(plan: FeedPlan): readonly Slot[] {
  let own = slots.get(plan);
  if (own === undefined) {
    own = plan.sources.map((source) => ({
      latest: null,
      report: missingReport(plan, source.index, 0),
      candidate: null,
      reasons: [],
      own: emptyCandidate(source),
    }));
    slots.set(plan, own);
  }
  return own;
}

/**
 * One draft per configured source, in their order; of several reports of a source the last counts. The drafts of a feed
 * are the same objects each time: what is kept of them must be taken out before its next evaluation.
 */
export function draftsOf(
  plan: FeedPlan,
  reports: readonly SourceReport[],
  quotePrices: ReadonlyMap<string, RobustPrice>,
  nowMs: UnixMs,
): readonly Draft[] {
  const drafts = slotsOf(plan);
  for (const slot of drafts) slot.latest = null;
  for (let place = 0; place < reports.length; place += 1) {
    const report = reports[place]!;
    const seen = drafts[place];
    // The same object as last time is of the same source.
    if (seen?.report === report) {
      seen.latest = report;
      continue;
    }
    const { feedId, sourceId } = report.ok ? report.quote : report.failure;
    // Mostly they come in the order of the configuration.
    const index = plan.sources[place]?.source.id === sourceId ? place : plan.indexOf.get(sourceId);
    if (feedId === plan.config.id && index !== undefined) drafts[index]!.latest = report;
  }
  for (let index = 0; index < drafts.length; index += 1) {
    const slot = drafts[index]!;
    const report = slot.latest ?? missingReport(plan, index, nowMs);
    slot.report = report;
    if (report.ok) {
      judgeQuote(plan, slot.own, report.quote, quotePrices, nowMs);
      slot.candidate = slot.own;
      slot.reasons = slot.own.reasons;
    } else {
      const { code, message } = report.failure;
      slot.candidate = null;
      slot.reasons = [{ code, message }];
    }
  }
  return drafts;
}
