import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { saveImpact } from '../../../db/queries/decide-proposal.ts';
import { putPolicy } from '../../../db/queries/governance.ts';
import { addDeliveries } from '../../../db/queries/webhook-deliveries.ts';
import { serve } from '../../../gateway/app/serve.ts';
import { BreakwaterAdminClient } from '../../../gateway/client/admin-client.ts';
import { GatewayProblemError } from '../../../gateway/client/transport.ts';
import { summarise } from '../../../gateway/governance/impact.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { consentDocument, signedConsent } from '../support/consents.ts';
import { contractOf } from '../support/contract.ts';
import { CONSUMER, createWorld } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { DECISION, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

let postgres: TestPostgres;
let database: Database;
let tenancy: TenancyWorld;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
  tenancy = await tenancyWorld(database);
});
afterAll(async () => {
  await tenancy.close();
  await postgres.stop();
});

test('BreakwaterAdminClient reaches every operation of tenancy on the running server', async () => {
  const asked = new Set<string>();
  const recording: typeof fetch = (url, init) => {
    const path = new URL(String(url)).pathname.replace(
      /\/(local|BTC-PERP|initialMarginRate|standard|1\.0\.0|bw_[a-z2-7]{10}|0x[0-9a-f]{64}|wh_[0-9a-f]{24}|msg_[0-9a-f]{32})(?=\/|$)/g,
      '/*',
    );
    asked.add(`${init?.method ?? 'GET'} ${path}`);
    return fetch(url, init);
  };
  const server = await serve(tenancy.world.app, { host: '127.0.0.1', port: 0, drainMs: 200 });
  try {
    let client = new BreakwaterAdminClient({ baseUrl: server.url, attempts: 1, fetch: recording });
    const signer = privateKeyToAccount(`0x${'07'.repeat(32)}`);
    const policy = { timeLockSeconds: 60, noticeSeconds: 0, approvalSeconds: 600, chainId: 1, bounds: {} };
    const verifyingContract = `0x${'00'.repeat(20)}`;
    const signers = [signer.address.toLowerCase()];
    await putPolicy(database, 'local', { ...policy, verifyingContract, signers, threshold: 1 }, 'test');

    expect((await client.markets('local')).markets.map(({ market }) => market)).toContain('BTC-PERP');
    expect((await client.parameters('BTC-PERP')).rates?.initial).toBe('0.195');
    expect(
      (await client.allParameters()).markets.find(({ market }) => market === 'BTC-PERP')?.rates?.initial,
    ).toBe('0.195');
    const { values } = await client.attestParameter('BTC-PERP', 'initialMarginRate', {
      chain: 'hub',
      consumer: CONSUMER,
    });
    expect(values.value).toBe('0.195');
    expect((await client.freeze('BTC-PERP', 'incident')).frozen?.reason).toBe('incident');
    expect((await client.unfreeze('BTC-PERP')).frozen).toBeNull();
    const shadow = await client.shadow(
      { id: 'standard', version: '1.0.0' },
      {},
      { show: 'called', limit: 5 },
    );
    expect(shadow).toMatchObject({ summary: { accounts: 0 }, accounts: [], nextCursor: null });
    const { id } = await client.propose({ title: 'more margin', parameters: { perp: { initial: 0.08 } } });
    await saveImpact(database, id, summarise([], NOW_MS), []);
    expect((await client.proposalImpact(id)).accounts).toEqual([]);
    const { typedData, state } = await client.proposal(id);
    expect(state).toBe('open');
    // What a wallet is given: the answer as it is, integers as strings.
    const signature = await signer.signTypedData(
      typedData as unknown as Parameters<typeof signer.signTypedData>[0],
    );
    expect((await client.approve(id, signature as Hex)).state).toBe('approved');
    expect((await client.veto(id, 'changed our mind')).state).toBe('vetoed');
    expect((await client.proposals({ limit: 5 })).proposals).toHaveLength(1);
    expect((await client.audit()).entries.at(-1)?.action).toBe('proposal.veto');
    expect(await new Response(await client.exportAudit()).text()).toContain(',proposal.veto,');

    const made = await client.publishDecision({
      ...DECISION,
      decision: { kind: 'bounds', min: '0.05', max: '0.5' },
    });
    expect(made.state).toBe('pending');
    expect((await client.publications()).publications).toEqual([made]);

    const { accounts } = tenancy.world.ports;
    const portfolio = { accountId: 'netted', cashWad: 1n, positions: [] };
    await accounts.putPositions({
      protocol: 'local',
      accountId: 'netted',
      sequence: 1n,
      portfolio,
      idempotencyKey: null,
    });
    const consent = await signedConsent(consentDocument('local/netted', 'venue/x'));
    const filed = await client.fileConsent(
      consent.body as unknown as Parameters<typeof client.fileConsent>[0],
    );
    expect(filed).toMatchObject({ id: consent.id, state: 'pending', accountId: 'netted' });
    expect(await client.consent(consent.id)).toEqual(filed);
    expect((await client.consents()).consents).toEqual([filed]);
    const revoked = await client.revokeConsent(consent.id, consent.revocation);
    expect(revoked).toMatchObject({ state: 'ended', endedBy: 'owner' });
    expect((await client.withdrawConsent(consent.id)).endedAt).toBe(revoked.endedAt);

    const hook = await client.createWebhook({ url: 'https://venue.example/x', events: ['margin.call'] });
    expect(hook.secret).toMatch(/^whsec_/);
    const delivery = {
      id: `msg_${'0'.repeat(32)}`,
      webhook: hook.id,
      protocol: 'local',
      event: 'margin.call',
      body: '{}',
    };
    await addDeliveries(database.orm, [delivery]);
    expect((await client.deliveries(hook.id)).deliveries).toMatchObject([{ state: 'pending' }]);
    expect((await client.replay(hook.id, delivery.id)).id).toBe(delivery.id);
    expect((await client.webhooks()).webhooks).toHaveLength(1);
    expect((await client.deleteWebhook(hook.id)).deleted).toBe(true);

    // The first key closes the server to those without one.
    const first = await client.createKey({ name: 'first', scopes: ['read', 'admin'] });
    await tenancy.ring.reload();
    await expect(client.keys()).rejects.toBeInstanceOf(GatewayProblemError);
    client = new BreakwaterAdminClient({
      baseUrl: server.url,
      apiKey: first.secret,
      attempts: 1,
      fetch: recording,
    });
    const second = await client.rotateKey(first.key.id, { overlapSeconds: 600 });
    expect((await client.revokeKey(second.key.id)).state).toBe('revoked');
    expect((await client.keys()).keys.map(({ state: of }) => of)).toEqual(['active', 'revoked']);

    const all = (world: TenancyWorld['world']) =>
      contractOf(world).operations.map(
        ({ path, method }) => `${method.toUpperCase()} ${path.replaceAll(/\{[^}]+\}/g, '*')}`,
      );
    const plain = new Set([...all(createWorld()), 'GET /v1/stream']);
    expect([...asked].sort()).toEqual(
      all(tenancy.world)
        .filter((one) => !plain.has(one))
        .sort(),
    );
  } finally {
    await server.close();
  }
});
