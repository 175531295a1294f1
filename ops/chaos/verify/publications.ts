import { createPublicClient, http } from 'viem';
import { riskOracleAbi } from '../../../chains/contracts/abi.ts';
import type { DevnetChain } from '../../../chains/devnet/types.ts';
import type { Scene } from '../scene.ts';

export const KEPT = 'publications lost';
export const ONCE = 'publications applied twice on a chain';
export const ASKED = 'nothing on a chain that nobody asked for';

/** Reads every update that the oracle of each chain holds: what was asked for stands there once. */
export async function verifyPublications({ cluster, ledger, checks }: Scene): Promise<void> {
  const rows = await cluster.postgres.query<{
    id: string;
    source: string;
    state: string;
    reason: string | null;
  }>('select id, source, state, reason from publications');
  const stored = new Map(rows.map((row) => [row.id, row]));
  for (const chain of cluster.market.devnet.chains) {
    const counts = await referencesOn(chain);
    const where = chain.definition.id;
    for (const { referenceId, id } of ledger.publications) {
      const times = counts.get(referenceId) ?? 0;
      checks.note(ONCE, times <= 1 ? null : `${where}: '${referenceId}' ${times} times`);
      if (id === null) continue;
      const row = stored.get(id);
      const state = row === undefined ? 'is not stored' : `is ${row.state} (${row.reason})`;
      checks.note(KEPT, times > 0 ? null : `${where}: '${referenceId}' ${state}, and not on the chain`);
    }
    const asked = new Set([...ledger.publications.map(({ referenceId }) => referenceId), ...stored.keys()]);
    for (const [reference, times] of counts) {
      checks.note(ASKED, asked.has(reference) ? null : `${where}: '${reference}'`);
      checks.note(ONCE, times === 1 ? null : `${where}: '${reference}' ${times} times`);
    }
    for (const { id, source, state } of stored.values()) {
      if (source === 'forecast' && state === 'arrived')
        checks.note(KEPT, counts.has(id) ? null : `${where}: ${id} has arrived, it says`);
    }
  }
}

/** How often each reference was published, over all updates of the oracle. */
async function referencesOn({ definition, risk }: DevnetChain): Promise<Map<string, number>> {
  const client = createPublicClient({ transport: http(definition.rpcUrls[0]!) });
  const contract = { address: risk!.oracle, abi: riskOracleAbi };
  const last = await client.readContract({ ...contract, functionName: 'updateCounter' });
  const counts = new Map<string, number>();
  for (let id = 1n; id <= last; id += 1n) {
    const update = await client.readContract({ ...contract, functionName: 'getUpdateById', args: [id] });
    counts.set(update.referenceId, (counts.get(update.referenceId) ?? 0) + 1);
  }
  return counts;
}
