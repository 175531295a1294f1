import { z } from 'zod';
import type { Database } from '../../db/connection.ts';
import { expireProposal, saveImpact } from '../../db/queries/decide-proposal.ts';
import { executeProposal } from '../../db/queries/execute-proposal.ts';
import type { ProposalOnChain } from '../../db/queries/proposal-on-chain.ts';
import {
  type AccountImpact,
  dueProposals,
  type ImpactSummary,
  type StoredProposal,
} from '../../db/queries/proposals.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import { defineTask } from '../task.ts';

export interface ProposalsPorts {
  readonly database: Database;
  /** Market time, from which notice periods run. */
  readonly clock: Clock;
  /** Hash of the configuration that is in force where nothing was accepted yet. */
  readonly deploymentHash: string;
  /** What a proposal does to every account of its protocol, and on chain. */
  assess(
    proposal: StoredProposal,
    signal: AbortSignal,
  ): Promise<{
    readonly summary: ImpactSummary;
    readonly accounts: readonly AccountImpact[];
    readonly onChain: ProposalOnChain | null;
  }>;
  /** Wall clock. */
  readonly wallNowMs?: () => UnixMs;
}

/** Computes impacts, ends what was not approved in time and executes what was approved; each step once per proposal. */
export const proposals = defineTask({
  name: 'proposals',
  payload: z.strictObject({}),
  timeoutMs: 600_000,
  attempts: 3,
  backoff: { delayMs: 1_000, jitter: 0.5 },
  async run(_payload, ports: ProposalsPorts, { signal, logger }) {
    const { database, clock, deploymentHash, assess } = ports;
    const nowMs = ports.wallNowMs?.() ?? Date.now();
    const counts = { assessed: 0, executed: 0, closed: 0 };
    let failure: unknown = null;
    for (const due of await dueProposals(database.orm, nowMs)) {
      signal.throwIfAborted();
      const { id } = due;
      try {
        if (due.state === 'assessing') {
          const { summary, accounts, onChain } = await assess(due, signal);
          await saveImpact(database, id, summary, accounts, onChain);
          counts.assessed += 1;
        } else if (due.state === 'open') {
          await expireProposal(database, id, nowMs);
          counts.closed += 1;
        } else {
          const time = { nowMs, marketNowMs: clock.nowMs(), deploymentHash };
          const { state, closedReason } = await executeProposal(database, id, time);
          if (state === 'executed') counts.executed += 1;
          else counts.closed += 1;
          logger.info({ proposal: id, state, reason: closedReason }, 'proposal closed');
        }
      } catch (error) {
        // One that cannot be served now must not hold up the others.
        failure ??= error;
      }
    }
    if (failure !== null) throw failure;
    return counts;
  },
});
