import { z } from 'zod';
import type { Database } from '../../db/connection.ts';
import { insertModelDecision, lastModelDecision } from '../../db/queries/model-decisions.ts';
import { decidePromotion, type ShadowReview } from '../../models/serving/promotion.ts';
import type { Clock } from '../../risk/units/time.ts';
import { defineTask } from '../task.ts';

export interface ModelReviewPorts {
  readonly database: Database;
  /** Market time. */
  readonly clock: Clock;
  /** What the shadow of the candidate shows; null when there is no candidate that is not promoted yet. */
  review(signal: AbortSignal): Promise<ShadowReview | null>;
  /** Lets a candidate serve. Called again by every process that learns of the decision. */
  promote(candidate: string): void;
}

/**
 * Decides whether the candidate artifact may serve: once, when it has been in shadow long enough. The decision is kept with
 * its figures and stands: a refused artifact stays refused, a promoted one is promoted in every process.
 */
export const modelReview = defineTask({
  name: 'model-review',
  payload: z.strictObject({}),
  timeoutMs: 60_000,
  handsOver: true,
  attempts: 3,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  async run(_payload, ports: ModelReviewPorts, { signal, logger }) {
    const { database, clock } = ports;
    const review = await ports.review(signal);
    if (review === null) return { decision: 'none' as const };
    const { candidate, serving } = review;
    const last = await lastModelDecision(database.orm, candidate, serving);
    if (last !== null && last.decision !== 'waiting') {
      if (last.decision === 'promoted') ports.promote(candidate);
      return { decision: last.decision, reason: last.reason };
    }
    const made = decidePromotion(review);
    if (last === null || made.decision !== 'waiting') {
      await insertModelDecision(database.orm, {
        decidedAtMs: clock.nowMs(),
        candidate,
        serving,
        ...made,
        body: review.comparisons,
      });
      logger.info({ candidate, serving, ...made }, 'model candidate reviewed');
    }
    if (made.decision === 'promoted') ports.promote(candidate);
    return made;
  },
});
