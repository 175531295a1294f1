import { setTimeout as delay } from 'node:timers/promises';
import { createPublicClient, http } from 'viem';
import { riskHubAbi } from '../../../chains/contracts/abi.ts';
import { signDecision } from '../../../chains/contracts/decisions.ts';
import { marketAddress } from '../../../chains/contracts/market-address.ts';
import { approverAccounts } from '../../../chains/devnet/keys.ts';
import type { ClusterProtocol } from '../../cluster/configuration.ts';
import { ask } from '../ask.ts';
import type { PublicationRecord } from '../ledger.ts';
import { pick, type Scene } from '../scene.ts';

const PAUSE_MS = 700;
/** On the hub, or never. */
const DECIDED = ['published', 'arrived', 'refused', 'superseded'];

/** Hands in decisions that approvers have signed for one line, each when the hub has the one before. */
export async function writePublications(
  scene: Scene,
  protocol: ClusterProtocol,
  market: string,
  updateType: string,
): Promise<void> {
  const { cluster, ledger, ended, random } = scene;
  const { definition, risk } = cluster.market.devnet.chains[0]!;
  const hub = risk!.hub!;
  const client = createPublicClient({ transport: http(definition.rpcUrls[0]!, { retryCount: 0 }) });
  const at = marketAddress(market);
  for (let turn = 1; !ended.aborted; turn += 1) {
    const nonce = await client
      .readContract({ address: hub, abi: riskHubAbi, functionName: 'nonceOf', args: [at, updateType] })
      .catch(() => null);
    if (nonce === null) {
      await delay(PAUSE_MS);
      continue;
    }
    const percent = 5 + (turn % 20);
    const referenceId = `${market} ${updateType} ${turn}`;
    const decision = {
      ...{ market: at, updateType, nonce, referenceId },
      value: (BigInt(percent) * 10n ** 18n) / 100n,
      validUntil: BigInt(Math.floor(Date.now() / 1000) + 7200),
    };
    const signers = approverAccounts().slice(0, 2);
    const signatures = await signDecision(signers, definition.chainId, hub, 'Parameter', decision);
    const record: PublicationRecord = { referenceId, line: `${market} ${updateType}`, id: null };
    ledger.publications.push(record);
    // The same decision again is the same publication: it is sent until somebody acknowledges it.
    while (!ended.aborted && record.id === null) {
      const answer = await ask(pick(random, cluster.gateways).url!, protocol, '/v1/publications', {
        method: 'POST',
        body: {
          ...{ market, updateType, signatures, nonce: `${nonce}`, validUntil: `${decision.validUntil}` },
          decision: { kind: 'parameter', value: (percent / 100).toFixed(2), referenceId },
        },
      });
      if (answer !== null && answer.status >= 200 && answer.status < 300)
        record.id = answer.body.id as string;
      else {
        ledger.unsuccessful('POST publications', answer);
        await delay(PAUSE_MS);
      }
    }
    while (!ended.aborted) {
      await delay(PAUSE_MS);
      const listed = await ask(pick(random, cluster.gateways).url!, protocol, '/v1/publications?limit=50');
      const found = listed?.body.publications?.find(({ id }: { id: string }) => id === record.id);
      if (found !== undefined && DECIDED.includes(found.state)) break;
    }
  }
}
