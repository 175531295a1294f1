import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { revokeKey } from '../../../db/queries/api-keys.ts';
import { putPolicy } from '../../../db/queries/governance.ts';
import { addDeliveries } from '../../../db/queries/webhook-deliveries.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { requiredScope, SCOPES, type Scope } from '../../../gateway/auth/scopes.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { consentDocument, signedConsent } from '../support/consents.ts';
import { type Answer, type Ask, asker, contractOf, pick } from '../support/contract.ts';
import { BOOK, CONSUMER, createWorld, jsonRequest } from '../support/gateway.ts';
import { DECISION, issueKey, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

const CONSENT = await signedConsent(consentDocument('alpha/secret-account', 'beta/anything'));

/** Bodies that pass the schema; an operation with a body that is missing here fails its test. */
const BODIES: Readonly<Record<string, unknown>> = {
  'put /v1/accounts/{id}/positions': { sequence: 1, ...BOOK },
  'post /v1/accounts/positions/batch': { updates: [{ accountId: 'batch', sequence: 1, ...BOOK }] },
  'post /v1/accounts/{id}/margin/simulate': { simulations: [{}] },
  'post /v1/margin/simulate': BOOK,
  'post /v1/modules/{id}/{version}/shadow': { parameters: {} },
  'post /v1/proposals': { title: 'lower the rate', parameters: { perp: { initial: 0.07 } } },
  'post /v1/proposals/{id}/approvals': { signature: `0x${'11'.repeat(65)}` },
  'post /v1/proposals/{id}/veto': { reason: 'not now' },
  'post /v1/publications': DECISION,
  'post /v1/consents': CONSENT.body,
  'post /v1/consents/{id}/revocation': CONSENT.revocation,
  'post /v1/markets/{market}/freeze': { reason: 'incident 7' },
  'post /v1/keys': { name: 'more', scopes: ['admin'] },
  'post /v1/keys/{id}/rotate': {},
  'post /v1/webhooks': { url: 'https://venue.example/hook', events: ['margin.call'] },
  'post /v1/webhooks/{id}/deliveries/{delivery}/replay': null,
  'put /v1/markets/{market}/data': {},
};

/** First parts of paths whose parameters name things that are the same for everyone. */
const COMMON = [
  '/v1/prices/',
  '/v1/modules/',
  '/v1/forecasts/',
  '/v1/markets/',
  '/v1/parameters/',
  '/v1/attestations/price/',
  '/v1/attestations/parameter/',
];
const NOWHERE: Readonly<Record<string, string>> = {
  '/v1/accounts/': 'absent',
  '/v1/attestations/margin/': 'absent',
  '/v1/attestations/withdrawal/': 'absent',
  '/v1/keys/': 'bw_aaaaaaaaaa',
  '/v1/consents/': `0x${'00'.repeat(32)}`,
  '/v1/proposals/': `0x${'00'.repeat(32)}`,
  '/v1/webhooks/': `wh_${'0'.repeat(24)}`,
  '/v1/protocols/': 'nobody',
};

interface Operation {
  readonly method: string;
  readonly path: string;
}
const OPERATIONS: readonly Operation[] = await (async () => {
  // Only the list of operations is taken from it; nothing of it is asked.
  const documented = createWorld({
    override: (ports) => ({ ...ports, events: {} as never, tenancy: {} as never }),
  });
  return contractOf(documented).operations.filter(({ path }) => path.startsWith('/v1/'));
})();
const nameOf = ({ method, path }: Operation) => `${method} ${path}`;

let postgres: TestPostgres;
let database: Database;
let tenancy: TenancyWorld;
let ask: Ask;
const keys = new Map<string, Record<string, string>>();
/** Things of alpha, by the first part of their path. */
const ofAlpha = new Map<string, string>();
const DELIVERY = `msg_${'ab'.repeat(16)}`;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
  const { keys: configured } = parseApiKeys(
    `gamma:${hashKey('gamma-key')},delta:${hashKey('delta-key')}:read+govern`,
  );
  tenancy = await tenancyWorld(database, { apiKeys: configured });
  ask = asker(tenancy.world);
  const issue = async (name: string, protocol: string, scopes: readonly Scope[], expiresAtMs?: number) =>
    keys.set(name, (await issueKey(database, protocol, scopes, expiresAtMs)).headers);
  await issue('alpha', 'alpha', SCOPES);
  await issue('beta', 'beta', SCOPES);
  await issue('expired', 'alpha', SCOPES, Date.now() - 1);
  for (const scope of SCOPES) {
    await issue(`only ${scope}`, 'alpha', [scope]);
    const others = SCOPES.filter((other) => other !== scope);
    await issue(`without ${scope}`, 'alpha', others);
  }
  const revoked = await issueKey(database, 'alpha', SCOPES);
  keys.set('revoked', revoked.headers);
  await revokeKey(database, { protocol: 'alpha', id: revoked.id }, 'test');
  await tenancy.ring.reload();
  const policy = {
    signers: ['0x00000000000000000000000000000000000000aa'],
    threshold: 1,
    timeLockSeconds: 0,
    noticeSeconds: 0,
    approvalSeconds: 3600,
    chainId: 1,
    verifyingContract: '0x0000000000000000000000000000000000000000',
    bounds: {},
  };
  for (const protocol of ['alpha', 'beta']) await putPolicy(database, protocol, policy, 'test');
  const post = async (path: string) =>
    (await ask(path, jsonRequest('POST', BODIES[`post ${path}`], keys.get('alpha')))).json;
  ofAlpha.set('/v1/protocols/', 'alpha');
  ofAlpha.set('/v1/accounts/', 'secret-account');
  ofAlpha.set('/v1/attestations/margin/', 'secret-account');
  ofAlpha.set('/v1/attestations/withdrawal/', 'secret-account');
  await ask(
    '/v1/accounts/secret-account/positions',
    jsonRequest('PUT', { sequence: 1, ...BOOK, cash: '777' }, keys.get('alpha')),
  );
  ofAlpha.set('/v1/keys/', String(pick(await post('/v1/keys'), 'key', 'id')));
  ofAlpha.set('/v1/proposals/', String(pick(await post('/v1/proposals'), 'id')));
  await post('/v1/publications');
  // Of which beta is the other side, and has filed nothing.
  ofAlpha.set('/v1/consents/', String(pick(await post('/v1/consents'), 'id')));
  const hook = String(pick(await post('/v1/webhooks'), 'id'));
  ofAlpha.set('/v1/webhooks/', hook);
  await addDeliveries(database.orm, [
    { id: DELIVERY, webhook: hook, protocol: 'alpha', event: 'margin.call', body: '{"secret":1}' },
  ]);
});
afterAll(async () => {
  await tenancy?.close();
  await postgres.stop();
});

const prefixOf = (path: string) => /^\/v1\/(attestations\/)?[^/]+\//.exec(path)?.[0] ?? '';
const LITERALS: Readonly<Record<string, string>> = {
  '/v1/prices/': 'BTC-USD',
  '/v1/forecasts/': 'BTC',
  '/v1/markets/': 'BTC-PERP',
  '/v1/parameters/': 'BTC-PERP',
  '/v1/attestations/price/': 'BTC-USD',
  '/v1/attestations/parameter/': 'BTC-PERP',
};

function queryOf(method: string, path: string): string {
  if (path.endsWith('/difference')) return '?from=0&to=1';
  if (path.startsWith('/v1/attestations/')) return `?chain=hub&consumer=${CONSUMER}`;
  return method === 'delete' && path.endsWith('/positions') ? '?sequence=9' : '';
}

/** A request of an operation that passes its schema. */
function requestOf({ method, path }: Operation, id: string, headers: Record<string, string> | undefined) {
  const name = `${method} ${path}`;
  const url = path
    .replace('{delivery}', DELIVERY)
    .replace('/v1/modules/{id}/{version}', '/v1/modules/standard/1.0.0')
    .replace(/\{[^}]+\}/, id)
    .replace('{parameter}', 'initialMarginRate')
    .replace('{asset}', 'ETH')
    .replaceAll(/\{[^}]+\}/g, 'x');
  const query = queryOf(method, path);
  const needsBody = method === 'put' || method === 'post';
  if (needsBody && !(name in BODIES)) throw new Error(`give ${name} a body in this test`);
  const body = BODIES[name] ?? null;
  const init =
    needsBody && body !== null
      ? jsonRequest(method.toUpperCase(), body, headers ?? {})
      : { method: method.toUpperCase(), headers: headers ?? {} };
  return ask(url + query, init);
}
const plain = (operation: Operation, key: string) =>
  requestOf(
    operation,
    LITERALS[prefixOf(operation.path)] ?? NOWHERE[prefixOf(operation.path)] ?? 'x',
    keys.get(key),
  );
const comparable = ({ json }: Answer) => ({ ...(json as object), requestId: '', instance: '' });

describe.each(OPERATIONS.map((operation) => [nameOf(operation), operation] as const))(
  '%s',
  (_, operation) => {
    test('is refused without a key, and alike with a wrong, an expired and a revoked one', async () => {
      keys.set('wrong', { Authorization: 'Bearer nothing' });
      const unknown = 'bw_aaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
      keys.set('unknown', { Authorization: `Bearer ${unknown}` });
      // The visible prefix of a key that is good, with another secret.
      const good = keys.get('alpha')!.Authorization!;
      keys.set('forged', { Authorization: `${good.slice(0, -4)}aaaa` });
      expect((await plain(operation, 'none')).status).toBe(401);
      const told = await Promise.all(
        ['wrong', 'unknown', 'forged', 'expired', 'revoked'].map((key) => plain(operation, key)),
      );
      for (const answer of told) {
        expect(answer.status).toBe(401);
        expect(comparable(answer)).toEqual(comparable(told[0]!));
      }
    });

    test('needs its scope, and no other', async () => {
      const scope = requiredScope(operation.method, operation.path);
      expect((await plain(operation, `without ${scope}`)).json).toMatchObject({
        status: 403,
        type: '/errors/missing-scope',
        details: { scope },
      });
      if (operation.path === '/v1/stream') return;
      expect([401, 403]).not.toContain((await plain(operation, `only ${scope}`)).status);
    });

    test("answers about another protocol's things as about none", async () => {
      const prefix = prefixOf(operation.path);
      if (!operation.path.includes('{') || COMMON.includes(prefix)) return;
      const own = ofAlpha.get(prefix);
      const nowhere = NOWHERE[prefix];
      if (own === undefined || nowhere === undefined)
        throw new Error(`say in this test what ${prefix} names`);
      // Storing under an id that another protocol uses makes a thing of one's own.
      if (operation.method === 'put') return;
      const [foreign, absent] = [
        await requestOf(operation, own, keys.get('beta')),
        await requestOf(operation, nowhere, keys.get('beta')),
      ];
      expect(foreign.status).toBe(404);
      const without = (answer: Answer, id: string) =>
        JSON.stringify(comparable(answer)).replaceAll(id, 'ID').replaceAll(DELIVERY, 'ID');
      expect(without(foreign, own)).toBe(without(absent, nowhere));
      // A random id may hold the digits.
      expect(without(foreign, own)).not.toMatch(/777|secret"|alpha-/);
    });
  },
);

describe('lists', () => {
  test.each([
    ...['/v1/accounts', '/v1/keys', '/v1/webhooks', '/v1/proposals', '/v1/publications', '/v1/consents'],
    '/v1/audit',
  ])('%s has nothing of another protocol', async (path) => {
    await issueKey(database, 'quiet', SCOPES).then(({ headers }) => keys.set('quiet', headers));
    await tenancy.ring.reload();
    const mine = await ask(path, { headers: keys.get('alpha')! });
    const theirs = await ask(path, { headers: keys.get('quiet')! });
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    const things = (answer: Answer) => Object.values(answer.json as object)[0] as unknown[];
    expect(things(mine).length).toBeGreaterThan(0);
    // Its own key, and the entry of its creation, one per run of this table.
    const own = path === '/v1/keys' || path === '/v1/audit';
    expect(things(theirs).length > 0).toBe(own);
    for (const id of ofAlpha.values()) expect(theirs.text).not.toContain(`"${id}"`);
  });

  test('a frozen market is frozen for its protocol alone', async () => {
    const freeze = jsonRequest('POST', { reason: 'incident 8' }, keys.get('alpha'));
    expect((await ask('/v1/markets/ETH-PERP/freeze', freeze)).status).toBe(200);
    const frozen = async (key: string) =>
      pick((await ask('/v1/parameters/ETH-PERP', { headers: keys.get(key)! })).json, 'frozen');
    expect(await frozen('alpha')).toMatchObject({ reason: 'incident 8' });
    expect(await frozen('beta')).toBeNull();
  });
});

describe('keys of the environment', () => {
  test('work beside those of the table, with read and write, or with the scopes they name', async () => {
    const status = async (path: string, key: string) =>
      (await ask(path, { headers: { Authorization: `Bearer ${key}` } })).status;
    expect(await status('/v1/prices', 'gamma-key')).toBe(200);
    expect(await status('/v1/audit', 'gamma-key')).toBe(403);
    expect(await status('/v1/audit', 'delta-key')).toBe(200);
    expect(await status('/v1/keys', 'delta-key')).toBe(403);
  });
});

describe('an admin key', () => {
  test('passes on no scope that it does not have', async () => {
    const made = jsonRequest('POST', { name: 'n', scopes: ['govern'] }, keys.get('only admin'));
    expect((await ask('/v1/keys', made)).json).toMatchObject({ status: 403, details: { scope: 'govern' } });
    const all = await issueKey(database, 'alpha', SCOPES);
    const rotation = jsonRequest('POST', {}, keys.get('only admin'));
    expect((await ask(`/v1/keys/${all.id}/rotate`, rotation)).status).toBe(404);
  });

  test('rotates with an overlap, and revokes at once', async () => {
    const headers = keys.get('alpha')!;
    const created = await ask('/v1/keys', jsonRequest('POST', { name: 'bot', scopes: ['read'] }, headers));
    const first = String(pick(created.json, 'secret'));
    const id = String(pick(created.json, 'key', 'id'));
    const rotated = await ask(`/v1/keys/${id}/rotate`, jsonRequest('POST', { overlapSeconds: 60 }, headers));
    const second = String(pick(rotated.json, 'secret'));
    expect(rotated.json).toMatchObject({ key: { replaces: id, name: 'bot', scopes: ['read'] } });
    await tenancy.ring.reload();
    const status = async (key: string) =>
      (await ask('/v1/prices', { headers: { Authorization: `Bearer ${key}` } })).status;
    expect([await status(first), await status(second)]).toEqual([200, 200]);
    expect((await ask(`/v1/keys/${id}`, { method: 'DELETE', headers })).json).toMatchObject({
      state: 'revoked',
    });
    await tenancy.ring.reload();
    expect([await status(first), await status(second)]).toEqual([401, 200]);
    expect((await ask(`/v1/keys/${id}/rotate`, jsonRequest('POST', {}, headers))).json).toMatchObject({
      status: 409,
      type: '/errors/key-not-active',
    });
    const listed = await ask('/v1/keys', { headers });
    expect(listed.text).not.toContain(first);
    expect(listed.text).not.toContain(hashKey(first));
  });
});
