import { and, eq } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { marketFreezes, proposals } from '../schema/governance.ts';
import { appendAudit } from './audit.ts';
import { NEWEST_FIRST, type NewProposal, proposalFromRow, type StoredProposal } from './proposals.ts';

/** What a forecast proposes. Autonomous: it waits for nobody but a veto, until `executableAtMs` (wall time). */
export type NewForecastProposal = NewProposal &
  Pick<StoredProposal, 'refusal' | 'executableAtMs'> & {
    readonly autonomous: boolean;
    readonly market: string;
    readonly onChain: NonNullable<StoredProposal['onChain']>;
  };

/** The last of a market that needed no approvals, or that does; null before the first. @throws DatabaseUnavailableError */
export async function lastForecastProposal(
  orm: Orm,
  of: { readonly protocol: string; readonly market: string; readonly autonomous: boolean },
): Promise<StoredProposal | null> {
  const { protocol, market, autonomous } = of;
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(proposals)
      .where(
        and(
          eq(proposals.protocol, protocol),
          eq(proposals.market, market),
          eq(proposals.autonomous, autonomous),
        ),
      )
      .orderBy(...NEWEST_FIRST)
      .limit(1),
  );
  return rows[0] === undefined ? null : proposalFromRow(rows[0]);
}

/**
 * Stores what a forecast proposes, once per id, in the audit log too. An autonomous one takes the place of those of its
 * market that still wait.
 * @returns whether it is new
 * @throws DatabaseUnavailableError
 */
export function createForecastProposal(
  database: Database,
  made: NewForecastProposal,
  nowMs: UnixMs = Date.now(),
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const { deadlineMs, executableAtMs, ...row } = made;
    const { id, protocol, market, autonomous, refusal, title, createdBy: actor } = made;
    const rows = await tx
      .insert(proposals)
      .values({
        ...row,
        state: autonomous ? 'approved' : 'assessing',
        createdAt: nowMs,
        deadline: deadlineMs,
        approvedAt: autonomous ? nowMs : null,
        executableAt: executableAtMs,
      })
      .onConflictDoNothing()
      .returning({ id: proposals.id });
    if (rows.length === 0) return false;
    const changes = made.onChain.changes.map(({ updateType, value, previous, computed }) => ({
      ...{ updateType, value: String(value), previous: previous === null ? null : String(previous) },
      computed: computed === null ? null : String(computed),
    }));
    const details = { title, autonomous, market, refusal, changes };
    await appendAudit(tx, { protocol, actor, action: 'proposal.create', subject: id, details }, nowMs);
    if (autonomous) await supersedeWaiting(tx, made, nowMs);
    return true;
  });
}

async function supersedeWaiting(
  tx: Orm,
  { id, protocol, market }: NewForecastProposal,
  nowMs: UnixMs,
): Promise<void> {
  const waiting = await tx
    .select({ id: proposals.id })
    .from(proposals)
    .where(
      and(
        eq(proposals.protocol, protocol),
        eq(proposals.market, market),
        eq(proposals.autonomous, true),
        eq(proposals.state, 'approved'),
      ),
    )
    .for('update');
  for (const { id: other } of waiting) {
    if (other === id) continue;
    const reason = `the forecast moved on to ${id}`;
    const audit = {
      protocol,
      actor: 'job',
      action: 'proposal.supersede',
      subject: other,
      details: { reason },
    };
    await appendAudit(tx, audit, nowMs);
    await tx
      .update(proposals)
      .set({ state: 'superseded', closedAt: nowMs, closedReason: reason })
      .where(eq(proposals.id, other));
  }
}

/** Whether a person has stopped the market. @throws DatabaseUnavailableError */
export async function isFrozen(orm: Orm, protocol: string, market: string): Promise<boolean> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ market: marketFreezes.market })
      .from(marketFreezes)
      .where(and(eq(marketFreezes.protocol, protocol), eq(marketFreezes.market, market))),
  );
  return rows.length > 0;
}
