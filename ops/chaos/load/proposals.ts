import { setTimeout as delay } from 'node:timers/promises';
import { approverAccounts } from '../../../chains/devnet/keys.ts';
import type { ClusterProtocol } from '../../cluster/configuration.ts';
import { type Answer, ask } from '../ask.ts';
import type { ProposalRecord } from '../ledger.ts';
import { pick, type Scene } from '../scene.ts';

const PAUSE_MS = 500;
const CLOSED = ['executed', 'vetoed', 'expired', 'superseded'];

interface TypedData {
  readonly domain: Record<string, unknown>;
  readonly types: Record<string, readonly { readonly name: string; readonly type: string }[]>;
  readonly primaryType: string;
  readonly message: Record<string, unknown>;
}

/** Integers come as text. */
export function signable({ domain, types, primaryType, message }: TypedData) {
  const { EIP712Domain: _, ...own } = types;
  const fields = types[primaryType]!;
  const numbers = fields.filter(({ type }) => /^u?int/.test(type)).map(({ name }) => name);
  return {
    ...{ domain, types: own, primaryType },
    message: {
      ...message,
      ...Object.fromEntries(numbers.map((name) => [name, BigInt(message[name] as string)])),
    },
  } as never;
}

/** Proposes, has two signers approve and waits for the execution, one proposal after the other. */
export async function writeProposals(scene: Scene, protocol: ClusterProtocol): Promise<void> {
  const { cluster, ledger, ended, random } = scene;
  const request = (path: string, body?: unknown) =>
    ask(
      pick(random, cluster.gateways).url!,
      protocol,
      path,
      body === undefined ? {} : { method: 'POST', body },
    );
  for (let turn = 1; !ended.aborted; turn += 1) {
    const record: ProposalRecord = {
      ...{ protocol: protocol.id, title: `${protocol.id} turn ${turn}`, id: null, closed: false },
      approvedBy: new Set(),
    };
    ledger.proposals.push(record);
    const answer = await request('/v1/proposals', {
      title: record.title,
      parameters: { perp: { initial: 0.06 + (turn % 40) / 1000 } },
    });
    if (answer?.status === 201) record.id = answer.body.id as string;
    else ledger.unsuccessful('POST proposals', answer);
    if (record.id !== null) await carryThrough(record, request);
    await delay(PAUSE_MS);
  }

  async function carryThrough(
    record: ProposalRecord,
    request: (path: string, body?: unknown) => Promise<Answer | null>,
  ): Promise<void> {
    while (!ended.aborted) {
      await delay(PAUSE_MS);
      const seen = await request(`/v1/proposals/${record.id}`);
      if (seen?.status !== 200) {
        ledger.unsuccessful('GET proposals/{id}', seen);
        continue;
      }
      if (CLOSED.includes(seen.body.state)) {
        record.closed = true;
        return;
      }
      if (seen.body.state !== 'open') continue;
      for (const signer of approverAccounts().slice(0, 2)) {
        if (record.approvedBy.has(signer.address.toLowerCase())) continue;
        const signature = await signer.signTypedData(signable(seen.body.typedData));
        const given = await request(`/v1/proposals/${record.id}/approvals`, { signature });
        // 409: it was counted, and the answer that said so was lost; or the proposal is past that.
        if (given?.status === 200) record.approvedBy.add(signer.address.toLowerCase());
        else ledger.unsuccessful('POST approvals', given);
      }
    }
  }
}
