import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { signDecision } from '../../../chains/contracts/decisions.ts';
import { decisionId } from '../../../chains/publisher/hub.ts';
import { changePublication, publicationOf, saveArrival } from '../../../db/queries/publications.ts';
import { SCOPES } from '../../../gateway/auth/scopes.ts';
import { pick } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';
import { DECISION } from '../support/tenancy.ts';
import { useTwoTenants } from '../support/two-tenants.ts';

const { database, ask, headers } = await useTwoTenants(SCOPES);

const post = (body: unknown, protocol = 'alpha') =>
  ask('/v1/publications', jsonRequest('POST', body, headers.get(protocol)!));
const list = (query = '', protocol = 'alpha') =>
  ask(`/v1/publications${query}`, { headers: headers.get(protocol)! });

describe('/v1/publications', () => {
  const bounds = {
    market: `0x${'0'.repeat(40)}`,
    updateType: 'initialMarginRate',
    minValue: 5n * 10n ** 16n,
    maxValue: 5n * 10n ** 17n,
    nonce: 0n,
    validUntil: 1_900_000_000n,
  } as const;
  const signers = [1, 2, 3].map((n) => privateKeyToAccount(`0x${String(n).repeat(64)}`));

  it('takes a signed decision, whatever the order of its signatures, once', async () => {
    const hub = `0x${'0b'.repeat(20)}` as const;
    const signatures = await signDecision(signers, 31337, hub, 'Bounds', bounds);
    const answer = await post({ ...DECISION, signatures: signatures.toReversed() });
    expect(answer.status).toBe(202);
    const id = decisionId('Bounds', bounds);
    expect(answer.json).toMatchObject({
      id,
      state: 'pending',
      source: 'governance',
      kind: 'bounds',
      value: null,
    });
    const stored = await publicationOf(database.orm, id);
    expect((stored!.decision as { signatures: unknown }).signatures).toEqual(signatures);
    expect((await post({ ...DECISION, signatures })).status).toBe(202);
    expect(pick((await list()).json, 'publications')).toHaveLength(1);
  });

  it('tells transaction, times and the state on each chain, without addresses of endpoints', async () => {
    const id = decisionId('Bounds', bounds);
    const at = Date.UTC(2026, 0, 2);
    const on = { transactionHash: `0x${'ab'.repeat(32)}`, blockNumber: 12n, sequence: 3n, feeWei: 7n };
    await changePublication(database.orm, id, { state: 'published', publishedAt: at, ...on });
    await saveArrival(database.orm, { publication: id, chain: 'hub' }, { state: 'arrived', arrivedAt: at });
    const reason = 'no answer from https://rpc.example/key-1234';
    await saveArrival(
      database.orm,
      { publication: id, chain: 'l2' },
      { state: 'stuck', reason, guid: '0x01' },
    );
    const [first] = pick((await list()).json, 'publications') as readonly Record<string, unknown>[];
    expect(first).toMatchObject({
      state: 'published',
      transactionHash: on.transactionHash,
      blockNumber: '12',
      sequence: '3',
      feeWei: '7',
      publishedAt: '2026-01-02T00:00:00.000Z',
      arrivedAt: null,
    });
    const arrivals = first!.arrivals as readonly Record<string, unknown>[];
    expect(arrivals.map(({ chain, state, final }) => [chain, state, final])).toEqual([
      ['hub', 'arrived', false],
      ['l2', 'stuck', false],
    ]);
    expect(JSON.stringify(first)).not.toContain('key-1234');
  });

  it('pages, newest first', async () => {
    const signatures = DECISION.signatures;
    for (const nonce of ['1', '2']) expect((await post({ ...DECISION, nonce, signatures })).status).toBe(202);
    const seen: unknown[] = [];
    let cursor: unknown = null;
    do {
      const next = cursor === null ? '' : `&cursor=${String(cursor)}`;
      const page = (await list(`?limit=1${next}`)).json;
      seen.push(...(pick(page, 'publications') as readonly { id: string }[]).map(({ id }) => id));
      cursor = pick(page, 'nextCursor');
    } while (cursor !== null);
    expect(seen.length).toBe(3);
    expect(new Set(seen).size).toBe(3);
    expect(seen.at(-1)).toBe(decisionId('Bounds', bounds));
    expect(pick((await list('', 'beta')).json, 'publications')).toEqual([]);
  });

  it('refuses what is not published for the protocol, what is no signature, and what is malformed', async () => {
    const unknown = await post({ ...DECISION, market: 'SOL-PERP' });
    expect([unknown.status, pick(unknown.json, 'type')]).toEqual([
      404,
      expect.stringContaining('unknown-parameter-line'),
    ]);
    const bad = await post({ ...DECISION, signatures: [`0x${'00'.repeat(65)}`] });
    expect([bad.status, pick(bad.json, 'type')]).toEqual([422, expect.stringContaining('approval-refused')]);
    for (const wrong of [
      { nonce: 1 },
      { nonce: '-1' },
      { signatures: [] },
      { decision: { kind: 'x' } },
      { extra: 1 },
    ]) {
      expect((await post({ ...DECISION, ...wrong })).status).toBe(400);
    }
  });
});
