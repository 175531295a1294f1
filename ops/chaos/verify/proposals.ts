import { ask } from '../ask.ts';
import type { Scene } from '../scene.ts';

export const KEPT = 'proposals and approvals lost';
export const ONCE = 'proposals applied twice';

/** Every acknowledged proposal and approval is there, and every execution left one configuration. */
export async function verifyProposals({ cluster, ledger, checks }: Scene): Promise<void> {
  const gateway = cluster.gateways[0]!;
  for (const { id, protocol, title, approvedBy, closed } of ledger.proposals) {
    if (id === null) continue;
    const owner = cluster.protocols.find((one) => one.id === protocol)!;
    const answer = await ask(gateway.url!, owner, `/v1/proposals/${id}`);
    const found = answer?.status === 200 ? answer.body : null;
    checks.note(KEPT, found?.title === title ? null : `${title} (${id}) is ${JSON.stringify(answer?.body)}`);
    const signers = ((found?.approvals ?? []) as { signer: string }[]).map(({ signer }) =>
      signer.toLowerCase(),
    );
    for (const signer of approvedBy) {
      checks.note(KEPT, signers.includes(signer) ? null : `${title}: the approval of ${signer}`);
    }
    checks.note(ONCE, new Set(signers).size === signers.length ? null : `${title}: approvals ${signers}`);
    const ended = ['executed', 'superseded'].includes(found?.state);
    checks.note(KEPT, ended || !(closed || approvedBy.size >= 2) ? null : `${title} is ${found?.state}`);
  }
  const titles = await cluster.postgres.query<{ title: string; times: string }>(
    'select title, count(*) as times from proposals where not autonomous group by title',
  );
  for (const { title, times } of titles) {
    checks.note(ONCE, times === '1' ? null : `${title}: proposed ${times} times`);
  }
  const executed = await cluster.postgres.query<{ id: string; title: string; configurations: string }>(
    `select p.id, p.title, (select count(*) from risk_configurations c where c.proposal = p.id) as configurations
     from proposals p where p.state = 'executed' and not p.autonomous`,
  );
  for (const { title, configurations } of executed) {
    checks.note(
      ONCE,
      configurations === '1' ? null : `${title}: executed into ${configurations} configurations`,
    );
  }
}
