import { sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { withCause } from '../cause.ts';
import { GOVERNANCE_CHANNEL, notify } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { riskConfigurations } from '../schema/governance.ts';
import { appendAudit } from './audit.ts';
import { changeProposal, closeProposal, neededApprovals, validApprovals } from './decide-proposal.ts';
import { isFrozen } from './forecast-proposals.ts';
import { getPolicy, latestConfiguration, type PinnedConfiguration } from './governance.ts';
import { addToOutbox } from './outbox.ts';
import { lockProposal, type StoredProposal } from './proposals.ts';
import { publishProposal } from './publish-proposal.ts';
import { unsettled } from './settled.ts';

/**
 * Puts an approved proposal whose time lock is over in force, once, from the end of the notice period on, and stores what
 * goes to the hub, on behalf of the request whose approval was the last it needed. Superseded is one whose base is no longer the latest or whose signers are no longer enough, and what
 * a forecast proposed alone while its market is frozen.
 */
export function executeProposal(
  database: Database,
  id: string,
  time: { readonly nowMs: UnixMs; readonly marketNowMs: UnixMs; readonly deploymentHash: string },
): Promise<StoredProposal> {
  const { nowMs, deploymentHash } = time;
  return unsettled(database, time.marketNowMs, async (tx, marketNowMs) => {
    const proposal = await lockProposal(tx, null, id);
    const { protocol, executableAtMs, autonomous, market } = proposal;
    if (proposal.state !== 'approved' || executableAtMs === null || executableAtMs > nowMs) return proposal;
    const supersede = (reason: string) => closeProposal(tx, proposal, 'superseded', reason, 'job', nowMs);
    const approvals = await validApprovals(tx, proposal);
    const policy = await getPolicy(tx, protocol);
    if (!autonomous && approvals.length < neededApprovals(proposal, policy?.threshold ?? 1)) {
      return supersede('too few of its signers are left');
    }
    if (autonomous && market !== null && (await isFrozen(tx, protocol, market))) {
      return supersede(`${market} is frozen`);
    }
    // Two proposals of one protocol are executed one after the other.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${protocol}, 2))`);
    const latest = await latestConfiguration(tx, protocol);
    if ((latest?.parametersHash ?? deploymentHash) !== proposal.baseHash) {
      return supersede('other parameters were accepted since');
    }
    const notice = marketNowMs + (autonomous ? 0 : proposal.policy.noticeSeconds * 1000);
    // Never before what was accepted earlier: versions are in force in their order.
    const effectiveFrom = Math.max(notice, latest?.effectiveFromMs ?? 0);
    await withCause(proposal.cause, async () => {
      // One that changes values on chain only leaves the parameters as they are.
      const accepted =
        proposal.parametersHash === proposal.baseHash
          ? { effectiveFromMs: effectiveFrom }
          : await accept(tx, proposal, latest, effectiveFrom, nowMs);
      const audit = { protocol, actor: 'job', action: 'proposal.execute', subject: id, details: accepted };
      await appendAudit(tx, audit, nowMs);
      await publishProposal(tx, proposal, approvals, { nowMs, effectiveFromMs: effectiveFrom });
    });
    return changeProposal(tx, id, { state: 'executed', closedAt: nowMs, effectiveFrom });
  });
}

/** The next version of the protocol's configuration, and word of it. */
async function accept(
  tx: Orm,
  proposal: StoredProposal,
  latest: PinnedConfiguration | null,
  effectiveFrom: UnixMs,
  nowMs: UnixMs,
) {
  const { id, protocol, moduleId, moduleVersion, parameters, parametersHash } = proposal;
  const version = (latest?.version ?? 0) + 1;
  const content = { moduleId, moduleVersion, parameters, parametersHash, effectiveFrom };
  await tx
    .insert(riskConfigurations)
    .values({ protocol, version, ...content, proposal: id, createdAt: nowMs });
  const details = { version, moduleId, moduleVersion, parametersHash, effectiveFromMs: effectiveFrom };
  await addToOutbox(tx, 'parameters.accepted', [{ protocol, proposal: id, ...details }]);
  await notify(tx, GOVERNANCE_CHANNEL, { protocol });
  return details;
}
