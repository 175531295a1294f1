import { and, asc, desc, eq } from 'drizzle-orm';
import { BreakwaterError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { GOVERNANCE_CHANNEL, notify } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { governancePolicies, marketFreezes, riskConfigurations } from '../schema/governance.ts';
import { appendAudit } from './audit.ts';

/** The market is frozen already, or is not. */
export class FreezeConflictError extends BreakwaterError {
  override readonly name = 'FreezeConflictError';
  constructor(market: string, frozen: boolean) {
    super(`market '${market}' is ${frozen ? 'frozen already' : 'not frozen'}`, {
      type: 'freeze-conflict',
      kind: 'conflict',
    });
  }
}

/** Limits of one number among the parameters. */
export interface Bound {
  readonly min?: number;
  readonly max?: number;
  /** Largest change as a share of the value before, e.g. 0.5. */
  readonly maxRelativeChange?: number;
}

export interface GovernancePolicy {
  /** Lower-case addresses. */
  readonly signers: readonly string[];
  /** Signatures that a proposal needs. */
  readonly threshold: number;
  /** Wall time from the last approval until it may be executed. */
  readonly timeLockSeconds: number;
  /** Market time from the execution until it is in force. */
  readonly noticeSeconds: number;
  /** Wall time within which it must be approved. */
  readonly approvalSeconds: number;
  readonly chainId: number;
  readonly verifyingContract: string;
  /** By path, e.g. `perp.initial`; `*` stands for one part, `**` for any path. Empty = the module's own limits only. */
  readonly bounds: Readonly<Record<string, Bound>>;
}

/** Module and parameters that a protocol put in force. */
export interface PinnedConfiguration {
  readonly protocol: string;
  /** 1 for the first change; the deployment's own configuration has none. */
  readonly version: number;
  readonly moduleId: string;
  readonly moduleVersion: string;
  /** As given, before defaults. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly parametersHash: string;
  /** Market time. */
  readonly effectiveFromMs: UnixMs;
  readonly proposal: string;
}

export interface MarketFreeze {
  readonly protocol: string;
  readonly market: string;
  readonly reason: string;
  readonly frozenBy: string;
  /** Wall time. */
  readonly frozenAtMs: UnixMs;
}

/** Policy of a protocol; null while it has none. @throws DatabaseUnavailableError */
export async function getPolicy(orm: Orm, protocol: string): Promise<GovernancePolicy | null> {
  const rows = await withDatabaseErrors(() =>
    orm.select().from(governancePolicies).where(eq(governancePolicies.protocol, protocol)),
  );
  if (rows[0] === undefined) return null;
  const { protocol: _protocol, updatedAt: _updatedAt, bounds, ...policy } = rows[0];
  return { ...policy, bounds: bounds as GovernancePolicy['bounds'] };
}

/** Sets who decides for a protocol. Proposals that are open keep their time lock; their signers must be in both. */
export function putPolicy(
  database: Database,
  protocol: string,
  policy: GovernancePolicy,
  actor: string,
): Promise<void> {
  return database.transaction(async (tx) => {
    const row = { ...policy, signers: [...policy.signers], updatedAt: Date.now() };
    await tx
      .insert(governancePolicies)
      .values({ protocol, ...row })
      .onConflictDoUpdate({ target: governancePolicies.protocol, set: row });
    await appendAudit(tx, {
      protocol,
      actor,
      action: 'policy.set',
      subject: protocol,
      details: { ...policy },
    });
  });
}

type Row = typeof riskConfigurations.$inferSelect;

function fromRow({ effectiveFrom, createdAt: _createdAt, parameters, ...row }: Row): PinnedConfiguration {
  return {
    ...row,
    parameters: parameters as PinnedConfiguration['parameters'],
    effectiveFromMs: effectiveFrom,
  };
}

/** Every configuration of every protocol, or of one, oldest first. @throws DatabaseUnavailableError */
export async function listConfigurations(
  orm: Orm,
  protocol: string | null,
): Promise<readonly PinnedConfiguration[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(riskConfigurations)
      .where(protocol === null ? undefined : eq(riskConfigurations.protocol, protocol))
      .orderBy(asc(riskConfigurations.protocol), asc(riskConfigurations.version)),
  );
  return rows.map(fromRow);
}

/** The last accepted configuration, in force already or not; null before the first. */
export async function latestConfiguration(orm: Orm, protocol: string): Promise<PinnedConfiguration | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(riskConfigurations)
      .where(eq(riskConfigurations.protocol, protocol))
      .orderBy(desc(riskConfigurations.version))
      .limit(1),
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** Frozen markets of every protocol, or of one. @throws DatabaseUnavailableError */
export async function listFreezes(orm: Orm, protocol: string | null): Promise<readonly MarketFreeze[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(marketFreezes)
      .where(protocol === null ? undefined : eq(marketFreezes.protocol, protocol))
      .orderBy(asc(marketFreezes.protocol), asc(marketFreezes.market)),
  );
  return rows.map(({ frozenAt, ...row }) => ({ ...row, frozenAtMs: frozenAt }));
}

/** Stops a market for new risk. @throws FreezeConflictError, DatabaseUnavailableError */
export function freezeMarket(
  database: Database,
  ask: Pick<MarketFreeze, 'protocol' | 'market' | 'reason'>,
  actor: string,
): Promise<MarketFreeze> {
  return database.transaction(async (tx) => {
    const frozenAt = Date.now();
    const written = await tx
      .insert(marketFreezes)
      .values({ ...ask, frozenBy: actor, frozenAt })
      .onConflictDoNothing()
      .returning();
    if (written.length === 0) throw new FreezeConflictError(ask.market, true);
    const { protocol, market, reason } = ask;
    await appendAudit(tx, { protocol, actor, action: 'market.freeze', subject: market, details: { reason } });
    await notify(tx, GOVERNANCE_CHANNEL, { protocol });
    return { ...ask, frozenBy: actor, frozenAtMs: frozenAt };
  });
}

/** Lets a market go on. @throws FreezeConflictError, DatabaseUnavailableError */
export function unfreezeMarket(
  database: Database,
  { protocol, market }: Pick<MarketFreeze, 'protocol' | 'market'>,
  actor: string,
): Promise<void> {
  return database.transaction(async (tx) => {
    const gone = await tx
      .delete(marketFreezes)
      .where(and(eq(marketFreezes.protocol, protocol), eq(marketFreezes.market, market)))
      .returning();
    if (gone.length === 0) throw new FreezeConflictError(market, false);
    await appendAudit(tx, { protocol, actor, action: 'market.unfreeze', subject: market, details: {} });
    await notify(tx, GOVERNANCE_CHANNEL, { protocol });
  });
}
