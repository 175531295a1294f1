import { privateKeyToAccount } from 'viem/accounts';
import type { Database } from '../../../db/connection.ts';
import { putPolicy } from '../../../db/queries/governance.ts';
import { getProposal } from '../../../db/queries/proposals.ts';
import { addDeliveries } from '../../../db/queries/webhook-deliveries.ts';
import { hashKey } from '../../../gateway/auth/keys.ts';
import { SCOPES } from '../../../gateway/auth/scopes.ts';
import { assessProposal } from '../../../gateway/governance/assess.ts';
import { typedDataOf } from '../../../gateway/governance/verify-approval.ts';
import { proposals } from '../../../jobs/tasks/proposals.ts';
import { context } from '../../helpers/task-context.ts';
import { consentDocument, signedConsent } from '../support/consents.ts';
import { type Answer, type Contract, contractOf, pick } from '../support/contract.ts';
import { BOOK, jsonRequest } from '../support/gateway.ts';
import { gridExpiry, NEAR, push } from '../support/surface.ts';
import { DEPLOYMENT, issueKey, pushedBooks, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

const SIGNER = privateKeyToAccount(`0x${'01'.repeat(32)}`);
const METRICS_KEY = 'fuzz-metrics-key';

/** A protocol of the fuzz. Whatever it stores has its mark; nobody else's answers may. */
export interface Tenant {
  readonly protocol: string;
  readonly mark: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly accounts: readonly string[];
  readonly proposal: string;
  readonly webhook: string;
  readonly delivery: string;
  readonly key: string;
  readonly consent: string;
}

export interface FuzzWorld {
  readonly tenancy: TenancyWorld;
  readonly contract: Contract;
  readonly tenants: readonly [Tenant, Tenant];
  readonly metricsHeaders: Readonly<Record<string, string>>;
  /** Sends a request; a stream is read no further than its headers. */
  send(path: string, init: RequestInit): Promise<Answer>;
  /** A proposal that is open for approvals, with a signature for it. */
  openProposal(tenant: Tenant): Promise<{ readonly id: string; readonly signature: string }>;
  /** A consent for an account that is in none, signed and not filed. */
  freshConsent(tenant: Pick<Tenant, 'accounts' | 'protocol' | 'headers'>): ReturnType<typeof signedConsent>;
  close(): Promise<void>;
}

/** The application over a real database with two protocols that have one of everything. */
export async function fuzzWorld(database: Database): Promise<FuzzWorld> {
  const tenancy = await tenancyWorld(database, {
    metricsKeyHash: hashKey(METRICS_KEY),
    pastPrices: true,
  });
  const { world } = tenancy;
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await world.app.request(path, init);
    const { status, headers } = response;
    const type = headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream')) {
      await response.body?.cancel();
      return { status, headers, text: '', json: null };
    }
    const text = await response.text();
    return { status, headers, text, json: type.includes('json') ? JSON.parse(text) : null };
  };
  const assess = () =>
    proposals.run(
      {},
      {
        database,
        clock: { nowMs: () => world.nowMs },
        deploymentHash: DEPLOYMENT.parametersHash,
        wallNowMs: Date.now,
        assess: (proposal, signal) =>
          assessProposal({
            books: pushedBooks(database),
            database,
            proposal,
            deployment: DEPLOYMENT,
            margin: tenancy.margin,
            asOfMs: world.nowMs,
            signal,
          }),
      },
      context,
    );
  const freshConsent: FuzzWorld['freshConsent'] = async ({ protocol, headers, accounts: [account] }) => {
    const listed = await send('/v1/consents?limit=1000', { headers: { ...headers } });
    for (const one of pick(listed.json, 'consents') as { id: string; state: string; accountId: string }[]) {
      if (one.accountId !== account || one.state !== 'pending') continue;
      await send(`/v1/consents/${one.id}`, { method: 'DELETE', headers: { ...headers } });
    }
    return signedConsent(consentDocument(`${protocol}/${account}`, 'elsewhere/other'));
  };
  const setUp = async (protocol: string, mark: string): Promise<Tenant> => {
    const { headers } = await issueKey(database, protocol, SCOPES);
    await tenancy.ring.reload();
    await putPolicy(
      database,
      protocol,
      {
        signers: [SIGNER.address.toLowerCase()],
        threshold: 1,
        timeLockSeconds: 3600,
        noticeSeconds: 3600,
        approvalSeconds: 86_400,
        chainId: 1,
        verifyingContract: `0x${'00'.repeat(20)}`,
        bounds: {},
      },
      'test',
    );
    const post = async (path: string, body: unknown) => {
      const answer = await send(path, jsonRequest('POST', body, headers));
      if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
      return answer.json;
    };
    const accounts = [1, 2, 3, 4].map((n) => `${mark}-account-${n}`);
    const books = accounts.map((accountId) => ({
      accountId,
      sequence: 1,
      cash: BOOK.cash,
      positions: BOOK.positions.map((position) => ({ ...position, id: `${mark}-${position.id}` })),
    }));
    await post('/v1/accounts/positions/batch', { updates: books });
    for (const market of ['BTC-OPTIONS', 'ETH-OPTIONS']) {
      await send(`/v1/markets/${market}/data`, jsonRequest('PUT', push([gridExpiry(NEAR)]), headers));
    }
    const proposal = String(
      pick(
        await post('/v1/proposals', { title: `${mark} title`, parameters: { perp: { initial: 0.08 } } }),
        'id',
      ),
    );
    const webhook = String(
      pick(await post('/v1/webhooks', { url: `https://${mark}.example/`, events: ['margin.call'] }), 'id'),
    );
    const key = String(pick(await post('/v1/keys', { name: `${mark} key`, scopes: ['read'] }), 'key', 'id'));
    const delivery = `msg_${Buffer.from(mark.padEnd(16, '.')).toString('hex')}`;
    await addDeliveries(database.orm, [
      { id: delivery, webhook, protocol, event: 'margin.call', body: JSON.stringify({ mark }) },
    ]);
    await assess();
    const consent = await freshConsent({ protocol, headers, accounts: accounts.slice(1) });
    await post('/v1/consents', consent.body);
    return { protocol, mark, headers, accounts, proposal, webhook, delivery, key, consent: consent.id };
  };
  const tenants = [await setUp('alpha', 'umbra'), await setUp('beta', 'zephyr')] as const;
  return {
    tenancy,
    contract: contractOf(world),
    tenants: [...tenants],
    metricsHeaders: { Authorization: `Bearer ${METRICS_KEY}` },
    send,
    async openProposal(tenant) {
      const body = { title: `${tenant.mark} again`, parameters: { perp: { initial: 0.09 } } };
      const made = await send('/v1/proposals', jsonRequest('POST', body, { ...tenant.headers }));
      const id = String(pick(made.json, 'id'));
      await assess();
      const signature = await SIGNER.signTypedData(
        typedDataOf(await getProposal(database.orm, tenant.protocol, id)),
      );
      return { id, signature };
    },
    freshConsent,
    close: () => tenancy.close(),
  };
}
