import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { listAudit } from '../../../db/queries/audit.ts';
import { executeProposal } from '../../../db/queries/execute-proposal.ts';
import { listConfigurations, putPolicy } from '../../../db/queries/governance.ts';
import { getProposal } from '../../../db/queries/proposals.ts';
import { verifyAudit } from '../../../db/queries/verify-audit.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { typedDataOf } from '../../../gateway/governance/verify-approval.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { until } from '../../helpers/until.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { BOOK, jsonRequest } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { policyOf, runProposals } from '../support/proposal-job.ts';
import { DEPLOYMENT, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

const SIGNERS = [1, 2, 3].map((n) => privateKeyToAccount(`0x${`0${n}`.repeat(32)}`));
const STRANGER = privateKeyToAccount(`0x${'0f'.repeat(32)}`);
const HOUR_MS = 3_600_000;
const POLICY = policyOf(SIGNERS, 2);

let postgres: TestPostgres;
let database: Database;
let tenancy: TenancyWorld;
let ask: Ask;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  await tenancy?.close();
  database = await postgres.openMigrated();
  tenancy = await tenancyWorld(database);
  ask = asker(tenancy.world);
  await putPolicy(database, 'local', POLICY, 'test');
});
afterAll(async () => {
  await tenancy.close();
  await postgres.stop();
});

/** One run of the job, at a wall time. */
const work = (wallNowMs = Date.now()) => runProposals(database, tenancy, wallNowMs);

const propose = async (
  parameters: object = { perp: { initial: 0.13, maintenance: 0.1 } },
  more: object = {},
) => ask('/v1/proposals', jsonRequest('POST', { title: 'raise the rates', parameters, ...more }));
const proposed = async (parameters?: object) => String(pick((await propose(parameters)).json, 'id')) as Hex;
const sign = async (id: string, signer: (typeof SIGNERS)[number]) =>
  signer.signTypedData(typedDataOf(await getProposal(database.orm, 'local', id)));
const approve = async (id: string, signature: string) =>
  ask(`/v1/proposals/${id}/approvals`, jsonRequest('POST', { signature }));
const stateOf = async (id: string) => pick((await ask(`/v1/proposals/${id}`)).json, 'state');
const putBook = (account: string, cash: string) =>
  ask(`/v1/accounts/${account}/positions`, jsonRequest('PUT', { sequence: 1, ...BOOK, cash }));

describe('a proposal', () => {
  test('goes from its impact over approvals, time lock and notice into force, and every step is in the log', async () => {
    await putBook('rich', '100000');
    // Equity 33,000; requirements with the buffer at its cap: 26,370 and then 39,240, maintenance 28,800.
    await putBook('thin', '1000');
    const answer = await propose();
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      state: 'assessing',
      impact: null,
      threshold: 2,
      moduleId: 'standard',
      changes: [
        { path: 'perp.initial', before: 0.065, after: 0.13 },
        { path: 'perp.maintenance', before: 0.05, after: 0.1 },
      ],
    });
    const id = String(pick(answer.json, 'id')) as Hex;
    const early = await approve(id, await sign(id, SIGNERS[0]!));
    expect(early.json).toMatchObject({ status: 409, details: { state: 'assessing' } });

    expect(await work()).toEqual({ assessed: 1, executed: 0, closed: 0 });
    const open = (await ask(`/v1/proposals/${id}`)).json;
    expect(open).toMatchObject({ state: 'open', impact: { accounts: 2, raised: 2, lowered: 0, unknown: 0 } });
    const rows = pick((await ask(`/v1/proposals/${id}/impact?limit=1`)).json, 'accounts') as object[];
    expect(rows).toMatchObject([{ accountId: 'rich', statusBefore: 'healthy', statusAfter: 'healthy' }]);
    const next = String(pick((await ask(`/v1/proposals/${id}/impact?limit=1`)).json, 'nextCursor'));
    const second = await ask(`/v1/proposals/${id}/impact?limit=1&cursor=${next}`);
    expect(pick(second.json, 'accounts', 0, 'accountId')).toBe('thin');
    expect(pick(second.json, 'nextCursor')).toBeNull();

    expect((await approve(id, await sign(id, SIGNERS[0]!))).json).toMatchObject({ state: 'open' });
    const approved = await approve(id, await sign(id, SIGNERS[2]!));
    expect(approved.json).toMatchObject({ state: 'approved', approvals: [{}, {}] });
    const executableMs = Date.parse(String(pick(approved.json, 'executableAt')));
    expect(executableMs - Date.parse(String(pick(approved.json, 'approvedAt')))).toBe(HOUR_MS);

    expect(await work(executableMs - 1)).toMatchObject({ executed: 0 });
    expect(await work(executableMs)).toMatchObject({ executed: 1 });
    expect(await work(executableMs)).toMatchObject({ executed: 0 });
    await tenancy.configurations.reload();
    expect((await ask(`/v1/proposals/${id}`)).json).toMatchObject({
      state: 'executed',
      effectiveFrom: new Date(NOW_MS + 2 * HOUR_MS).toISOString(),
    });

    const market = async () => pick((await ask('/v1/protocols/local/markets')).json, 'markets', 0);
    const hash = pick(answer.json, 'parametersHash');
    expect(await market()).toMatchObject({
      market: 'BTC-PERP',
      configurationVersion: 0,
      parametersHash: DEPLOYMENT.parametersHash,
      next: { version: 1, parametersHash: hash, proposal: id },
    });
    const rate = async (query = '') => (await ask(`/v1/parameters/BTC-PERP${query}`)).json;
    const before = await rate();
    tenancy.world.nowMs = NOW_MS + 2 * HOUR_MS;
    expect(await market()).toMatchObject({ configurationVersion: 1, parametersHash: hash, next: null });
    const after = await rate();
    expect(after).toMatchObject({ parameters: { perp: { initial: 0.13, maintenance: 0.1 } } });
    // 0.065 and 0.13 times the same buffer at its cap of 3.
    expect([pick(before, 'rates', 'initial'), pick(after, 'rates', 'initial')]).toEqual(['0.195', '0.39']);
    expect(await rate(`?at=${new Date(NOW_MS).toISOString()}`)).toMatchObject({
      configurationVersion: 0,
      parameters: { perp: { initial: 0.065 } },
      rates: null,
    });

    const audit = await listAudit(database.orm, 'local', { after: 0, limit: 100 });
    expect(audit.map(({ action, actor }) => `${action} ${actor.split(':')[0]}`)).toEqual([
      'policy.set test',
      'proposal.create local',
      'proposal.approve signer',
      'proposal.approve signer',
      'proposal.execute job',
    ]);
    expect((await verifyAudit(database)).faults).toEqual([]);
    const effects = await database.orm.select().from(outbox);
    expect(effects.filter(({ topic }) => topic === 'parameters.accepted')).toHaveLength(1);
  });

  test('counts a signer once, and only signers, and only signatures on itself', async () => {
    const [id, other] = [await proposed(), await proposed({ perp: { initial: 0.2 } })];
    await work();
    const signature = await sign(id, SIGNERS[0]!);
    expect((await approve(id, signature)).status).toBe(200);
    expect((await approve(id, signature)).json).toMatchObject({
      status: 409,
      type: '/errors/duplicate-approval',
    });
    const refused = { status: 422, type: '/errors/approval-refused' };
    // A replay on another proposal is somebody else's signature there.
    expect((await approve(other, signature)).json).toMatchObject(refused);
    expect((await approve(id, await sign(id, STRANGER))).json).toMatchObject(refused);
    const malleable = (given: Hex): Hex => {
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const s = order - BigInt(`0x${given.slice(66, 130)}`);
      const v = given.slice(130) === '1b' ? '1c' : '1b';
      return `${given.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}` as Hex;
    };
    expect((await approve(id, malleable(await sign(id, SIGNERS[1]!)))).json).toMatchObject(refused);
    expect((await approve(id, `0x${'ff'.repeat(65)}`)).json).toMatchObject(refused);
    const changed = typedDataOf(await getProposal(database.orm, 'local', id));
    const message = { ...changed.message, timeLockSeconds: 0n };
    expect((await approve(id, await SIGNERS[1]!.signTypedData({ ...changed, message }))).json).toMatchObject(
      refused,
    );
    const domain = { ...changed.domain, chainId: 1 };
    expect((await approve(id, await SIGNERS[1]!.signTypedData({ ...changed, domain }))).json).toMatchObject(
      refused,
    );
    expect(await stateOf(id)).toBe('open');
  });

  test('approved twice at the same moment starts one time lock', async () => {
    const id = await proposed();
    await work();
    const signatures = await Promise.all(SIGNERS.map((signer) => sign(id, signer)));
    const answers = await Promise.all(signatures.map((signature) => approve(id, signature)));
    // Two reach the threshold; the third comes to a proposal that is approved already.
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409]);
    expect(await stateOf(id)).toBe('approved');
  });

  test('is executed once, however many workers try', async () => {
    const id = await proposed();
    await work();
    for (const signer of SIGNERS.slice(0, 2)) await approve(id, await sign(id, signer));
    const nowMs = Date.now() + 2 * HOUR_MS;
    const time = { nowMs, marketNowMs: NOW_MS, deploymentHash: DEPLOYMENT.parametersHash };
    const all = await Promise.all([1, 2, 3, 4].map(() => executeProposal(database, id, time)));
    expect(all.map(({ state }) => state)).toEqual(['executed', 'executed', 'executed', 'executed']);
    expect(await listConfigurations(database.orm, null)).toHaveLength(1);
    const effects = await database.orm.select().from(outbox);
    expect(effects.filter(({ topic }) => topic === 'parameters.accepted')).toHaveLength(1);
  });

  test('is superseded when other parameters were accepted first, or its signers were removed', async () => {
    const [first, second, third] = [
      await proposed(),
      await proposed({ perp: { initial: 0.2 } }),
      await proposed({ perp: { initial: 0.3 } }),
    ];
    await work();
    for (const signer of SIGNERS.slice(0, 2)) {
      for (const id of [first, second]) await approve(id, await sign(id, signer));
    }
    await approve(third, await sign(third, SIGNERS[0]!));
    expect(await work(Date.now() + 2 * HOUR_MS)).toEqual({ assessed: 0, executed: 1, closed: 1 });
    expect([await stateOf(first), await stateOf(second)]).toEqual(['executed', 'superseded']);
    await putPolicy(database, 'local', { ...POLICY, signers: POLICY.signers.slice(1) }, 'test');
    expect((await approve(third, await sign(third, SIGNERS[0]!))).json).toMatchObject({ status: 422 });
    // One of two signatures left counts: the other's signer is none any more.
    expect((await approve(third, await sign(third, SIGNERS[1]!))).json).toMatchObject({ state: 'open' });
  });

  test('is vetoed before it is executed, and never after', async () => {
    const id = await proposed();
    await work();
    for (const signer of SIGNERS.slice(0, 2)) await approve(id, await sign(id, signer));
    const veto = () => ask(`/v1/proposals/${id}/veto`, jsonRequest('POST', { reason: 'found an error' }));
    expect((await veto()).json).toMatchObject({ state: 'vetoed', closedReason: 'found an error' });
    expect(await work(Date.now() + 2 * HOUR_MS)).toEqual({ assessed: 0, executed: 0, closed: 0 });
    expect((await veto()).json).toMatchObject({ status: 409, details: { state: 'vetoed' } });
    expect(await listConfigurations(database.orm, null)).toEqual([]);
  });

  test('expires when it is not approved in time', async () => {
    const id = await proposed();
    await work();
    await work(Date.now() + 25 * HOUR_MS);
    expect(await stateOf(id)).toBe('expired');
    expect((await approve(id, await sign(id, SIGNERS[0]!))).status).toBe(409);
  });

  test('is refused outside the bounds, by the module itself, without a change, and without a policy', async () => {
    await putPolicy(
      database,
      'local',
      { ...POLICY, bounds: { 'perp.*': { maxRelativeChange: 0.2 } } },
      'test',
    );
    expect((await propose({ perp: { initial: 0.09 } })).json).toMatchObject({
      status: 422,
      type: '/errors/out-of-bounds',
      errors: [{ field: 'parameters.perp.initial' }],
    });
    expect((await propose({ perp: { initial: 0.07 } })).status).toBe(201);
    expect((await propose({ perp: { initial: 7 } })).json).toMatchObject({ status: 400 });
    expect((await propose({ nonsense: 1 })).json).toMatchObject({ status: 400 });
    expect((await propose({})).json).toMatchObject({ status: 422, errors: [{ message: 'change nothing' }] });
    const module = { id: 'standard', version: '9.9.9' };
    expect((await propose({}, { module })).json).toMatchObject({
      status: 404,
      type: '/errors/module-not-found',
    });
    await database.pool.query('delete from governance_policies');
    expect((await propose()).json).toMatchObject({ status: 409, type: '/errors/governance-not-configured' });
  });

  test('may move to another module, whose parameters start from its defaults', async () => {
    await putBook('rich', '100000');
    const answer = await propose({ initial: 0.2 }, { module: { id: 'fixed', version: '1.0.0' } });
    expect(answer.json).toMatchObject({ moduleId: 'fixed', parameters: { initial: 0.2 } });
    await work();
    const impact = pick((await ask(`/v1/proposals/${pick(answer.json, 'id')}`)).json, 'impact');
    expect(impact).toMatchObject({ accounts: 1, unknown: 0 });
  });
});

describe('proposals and freezes', () => {
  test('are listed newest first, page by page', async () => {
    const ids = [];
    for (const initial of [0.2, 0.3, 0.4]) ids.push(await proposed({ perp: { initial } }));
    const first = await ask('/v1/proposals?limit=2');
    const cursor = String(pick(first.json, 'nextCursor'));
    const second = await ask(`/v1/proposals?limit=2&cursor=${cursor}`);
    const found = [first, second].flatMap(({ json }) => pick(json, 'proposals') as { id: string }[]);
    expect(found.map(({ id }) => id)).toEqual(ids.reverse());
    expect(pick(second.json, 'nextCursor')).toBeNull();
    expect((await ask(`/v1/audit?cursor=${cursor}`)).json).toMatchObject({
      status: 400,
      errors: [{ field: 'cursor' }],
    });
  });

  test('tell what they change against what they were made over, also when that is long past', async () => {
    const ids = [];
    for (const initial of [0.2, 0.25]) {
      const id = await proposed({ perp: { initial } });
      await work();
      for (const signer of SIGNERS.slice(0, 2)) await approve(id, await sign(id, signer));
      expect(await work(Date.now() + 2 * HOUR_MS)).toMatchObject({ executed: 1 });
      ids.push(id);
    }
    const changes = async (id: string) => pick((await ask(`/v1/proposals/${id}`)).json, 'changes');
    expect(await changes(ids[0]!)).toEqual([{ path: 'perp.initial', before: 0.065, after: 0.2 }]);
    expect(await changes(ids[1]!)).toEqual([{ path: 'perp.initial', before: 0.2, after: 0.25 }]);
    const other = await propose({}, { module: { id: 'fixed', version: '1.0.0' } });
    expect(pick(other.json, 'changes')).toContainEqual({ path: 'perp.initial', before: 0.25, after: null });

    await tenancy.configurations.reload();
    const all = (await ask('/v1/parameters')).json;
    expect(all).toMatchObject({
      protocol: 'local',
      configurationVersion: 0,
      effectiveFrom: null,
      next: { version: 2, parameters: { perp: { initial: 0.25 } } },
      parameters: { perp: { initial: 0.065 } },
    });
    for (const one of pick(all, 'markets') as Record<string, unknown>[]) {
      const { rates, buffer, lending, frozen } = (await ask(`/v1/parameters/${one.market}`))
        .json as typeof one;
      expect(one).toMatchObject({ rates, buffer, lending, frozen });
    }
  });

  test('remember the request whose approval was the last, and what comes of it does', async () => {
    const id = await proposed({ perp: { initial: 0.2 } });
    await work();
    for (const [index, signer] of SIGNERS.slice(0, 2).entries()) {
      const headers = { 'X-Request-Id': `approval-${index}` };
      const body = { signature: await sign(id, signer) };
      expect((await ask(`/v1/proposals/${id}/approvals`, jsonRequest('POST', body, headers))).status).toBe(
        200,
      );
    }
    await work(Date.now() + 2 * HOUR_MS);
    const { rows } = await database.pool.query(
      "select cause from outbox where topic = 'parameters.accepted'",
    );
    expect(rows).toEqual([{ cause: 'approval-1' }]);
  });

  test('and every other act are in the log, whose last entries are recomputed', async () => {
    for (const initial of [0.2, 0.3, 0.4]) await proposed({ perp: { initial } });
    const first = (await ask('/v1/audit?order=newest&limit=3')).json;
    const entries = pick(first, 'entries') as { sequence: number; hash: string; action: string }[];
    expect(entries.map(({ sequence, action }) => [sequence, action])).toEqual(
      [4, 3, 2].map((n) => [n, 'proposal.create']),
    );
    expect(pick(first, 'chain')).toEqual({
      head: { sequence: 4, hash: entries[0]!.hash },
      intact: true,
      faults: [],
    });
    const second = (await ask(`/v1/audit?order=newest&limit=3&cursor=${pick(first, 'nextCursor')}`)).json;
    expect(second).toMatchObject({ entries: [{ action: 'policy.set' }], chain: { intact: true } });
    expect(pick((await ask('/v1/audit')).json, 'chain')).toBeNull();
    await database.pool.query(
      "alter table audit_log disable trigger user; update audit_log set actor = 'x' where sequence = 3",
    );
    expect(pick((await ask('/v1/audit?order=newest')).json, 'chain')).toMatchObject({
      intact: false,
      faults: [{ sequence: 3, what: 'changed' }],
    });
  });

  test('stop a market for orders at once, and let it go on', async () => {
    await putBook('rich', '100000');
    const sizes = async () =>
      (pick((await ask('/v1/accounts/rich/capacity?market=BTC-PERP')).json, 'orders') as object[]).map(
        (order) => [pick(order, 'side'), Number(pick(order, 'size')) > 0, pick(order, 'reasons', 0, 'code')],
      );
    expect(await sizes()).toEqual([
      ['buy', true, undefined],
      ['sell', true, undefined],
    ]);
    const freeze = () => ask('/v1/markets/BTC-PERP/freeze', jsonRequest('POST', { reason: 'bad mark' }));
    expect((await freeze()).json).toMatchObject({
      market: 'BTC-PERP',
      frozen: { reason: 'bad mark', frozenBy: 'local' },
    });
    expect((await freeze()).json).toMatchObject({ status: 409, type: '/errors/freeze-conflict' });
    expect(await sizes()).toEqual([
      ['buy', false, 'market-frozen'],
      ['sell', false, 'market-frozen'],
    ]);
    expect((await ask('/v1/markets/BTC-PERP/freeze', { method: 'DELETE' })).json).toMatchObject({
      frozen: null,
    });
    expect((await ask('/v1/markets/BTC-PERP/freeze', { method: 'DELETE' })).status).toBe(409);
    expect(
      (await ask('/v1/markets/NO-PERP/freeze', jsonRequest('POST', { reason: 'bad mark' }))).status,
    ).toBe(404);
    expect((await sizes())[0]).toEqual(['buy', true, undefined]);
    const audit = pick((await ask('/v1/audit')).json, 'entries') as object[];
    expect(audit.map((entry) => pick(entry, 'action'))).toEqual([
      'policy.set',
      'market.freeze',
      'market.unfreeze',
    ]);
  });

  test('are told to every gateway', async () => {
    const other = await tenancyWorld(database);
    await ask('/v1/markets/ETH-PERP/freeze', jsonRequest('POST', { reason: 'incident' }));
    await until('the other gateway to know', () => other.configurations.freeze('local', 'ETH-PERP') !== null);
    await other.close();
  });
});
