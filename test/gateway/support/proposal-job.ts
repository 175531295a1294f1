import type { Database } from '../../../db/connection.ts';
import { assessProposal } from '../../../gateway/governance/assess.ts';
import { proposals } from '../../../jobs/tasks/proposals.ts';
import { context } from '../../helpers/task-context.ts';
import { DEPLOYMENT, pushedBooks, type TenancyWorld } from './tenancy.ts';

/** A policy under which so many of these sign, with an hour of time lock, two of notice and a day to approve. */
export const policyOf = (signers: readonly { readonly address: string }[], threshold: number) => ({
  signers: signers.map(({ address }) => address.toLowerCase()),
  threshold,
  timeLockSeconds: 3600,
  noticeSeconds: 7200,
  approvalSeconds: 86_400,
  chainId: 31337,
  verifyingContract: '0x00000000000000000000000000000000000000aa',
  bounds: {},
});

/** One run of the job of proposals over the world of a test, at a wall time. */
export const runProposals = (database: Database, tenancy: TenancyWorld, wallNowMs = Date.now()) =>
  proposals.run(
    {},
    {
      database,
      clock: { nowMs: () => tenancy.world.nowMs },
      deploymentHash: DEPLOYMENT.parametersHash,
      wallNowMs: () => wallNowMs,
      assess: (proposal, signal) =>
        assessProposal({
          books: pushedBooks(database),
          database,
          proposal,
          deployment: DEPLOYMENT,
          margin: tenancy.margin,
          asOfMs: tenancy.world.nowMs,
          signal,
        }),
    },
    context,
  );
