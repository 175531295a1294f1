import { and, desc, eq } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { modelDecisions } from '../schema/models.ts';

/** One decision about which artifact serves. `body` holds the figures; storage does not look inside. */
export interface ModelDecision {
  /** Market time. */
  readonly decidedAtMs: UnixMs;
  readonly candidate: string;
  readonly serving: string;
  readonly decision: 'promoted' | 'refused' | 'waiting';
  readonly reason: string;
  readonly body: unknown;
}

type Row = typeof modelDecisions.$inferSelect;

function fromRow({ decidedAt, candidate, serving, decision, reason, body }: Row): ModelDecision {
  return {
    decidedAtMs: decidedAt,
    candidate,
    serving,
    decision: decision as ModelDecision['decision'],
    reason,
    body,
  };
}

/** Keeps a decision for good. @throws DatabaseUnavailableError, NotStorableError */
export async function insertModelDecision(orm: Orm, one: ModelDecision): Promise<void> {
  const { decidedAtMs, ...row } = one;
  await withDatabaseErrors(() => orm.insert(modelDecisions).values({ ...row, decidedAt: decidedAtMs }));
}

/** Decisions, newest first. @throws DatabaseUnavailableError */
export async function listModelDecisions(orm: Orm, limit = 100): Promise<readonly ModelDecision[]> {
  const rows = await withDatabaseErrors(() =>
    orm.select().from(modelDecisions).orderBy(desc(modelDecisions.id)).limit(limit),
  );
  return rows.map(fromRow);
}

/** The last decision about a candidate against the artifact that serves, or null. @throws DatabaseUnavailableError */
export async function lastModelDecision(
  orm: Orm,
  candidate: string,
  serving: string,
): Promise<ModelDecision | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(modelDecisions)
      .where(and(eq(modelDecisions.candidate, candidate), eq(modelDecisions.serving, serving)))
      .orderBy(desc(modelDecisions.id))
      .limit(1),
  );
  return rows[0] ? fromRow(rows[0]) : null;
}
