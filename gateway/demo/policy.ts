import { APPROVAL_THRESHOLD, approverAccounts } from '../../chains/devnet/keys.ts';
import type { Database } from '../../db/connection.ts';
import { putPolicy } from '../../db/queries/governance.ts';
import { LOCAL_PROTOCOL } from '../auth/keys.ts';
import type { NetworkConfig } from '../config/network.ts';

/**
 * Lets the approvers of the local hub decide for the demo's protocol: what a forecast asks for outside the approved
 * bounds, and every other change, is a proposal that they sign. Does nothing where no hub is deployed.
 */
export async function setDemoPolicy(
  database: Database,
  { chains, publishing }: Pick<NetworkConfig, 'chains' | 'publishing'>,
): Promise<void> {
  const hub = chains.find(({ id }) => id === publishing?.hub);
  if (hub?.risk?.hub == null) return;
  const policy = {
    signers: approverAccounts().map(({ address }) => address.toLowerCase()),
    threshold: APPROVAL_THRESHOLD,
    // Wall time, short enough to watch.
    ...{ timeLockSeconds: 10, noticeSeconds: 0, approvalSeconds: 3600 },
    ...{ chainId: hub.chainId, verifyingContract: hub.risk.hub.toLowerCase(), bounds: {} },
  };
  await putPolicy(database, LOCAL_PROTOCOL, policy, 'demo');
}
