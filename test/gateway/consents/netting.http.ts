import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { PreparedMargins } from '../../../gateway/app/direct/prepared-margins.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { consentDocument, OWNER, type SignedConsent, signedConsent } from '../support/consents.ts';
import { type Answer, type Ask, asker, pick } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';
import { type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

type Protocol = 'alpha' | 'beta' | 'gamma';
const headers = (protocol: Protocol) => ({ Authorization: `Bearer ${protocol}-key` });

let postgres: TestPostgres;
let database: Database;
let tenancy: TenancyWorld;
let ask: Ask;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
  const scopes = 'read+write+govern';
  const { keys } = parseApiKeys(
    ['alpha', 'beta', 'gamma'].map((name) => `${name}:${hashKey(`${name}-key`)}:${scopes}`).join(','),
  );
  tenancy = await tenancyWorld(database, { apiKeys: keys, pastPrices: true });
  ask = asker(tenancy.world);
});
afterAll(async () => {
  await tenancy?.close();
  await postgres.stop();
});

let sequence = 0;
/** Books of no other test, and the market as it began. */
let names: { readonly a: string; readonly b: string };
beforeEach(async () => {
  sequence += 1;
  names = { a: `a${sequence}`, b: `b${sequence}` };
  tenancy.world.nowMs = NOW_MS + sequence * 10_000_000;
  market();
  await push('alpha', names.a, long());
  await push('beta', names.b, short());
});

/** Prices of now. */
function market() {
  const { prices, nowMs } = tenancy.world;
  for (const [feed, price] of Object.entries({ 'BTC-USD': '60000', 'ETH-USD': '3000', 'USDC-USD': '1' })) {
    prices.set(feed, robustPrice(feed, price, nowMs));
  }
}
const perp = (id: string, size: string) => ({
  ...{ kind: 'perp', id, market: 'BTC-PERP', size, entryPrice: '60000' },
});
const long = (cash = '20000') => ({ cash, positions: [perp('long-at-alpha', '1')] });
const short = (cash = '20000') => ({ cash, positions: [perp('short-at-beta', '-1')] });

async function push(protocol: Protocol, account: string, book: object) {
  sequence += 1;
  const path = `/v1/accounts/${account}/positions`;
  const answer = await ask(path, jsonRequest('PUT', { sequence, ...book }, headers(protocol)));
  expect(answer.status, answer.text).toBe(200);
}
const file = (protocol: Protocol, { body }: SignedConsent, more: object = {}) =>
  ask('/v1/consents', jsonRequest('POST', { ...body, ...more }, headers(protocol)));
const get = (protocol: Protocol, path: string) => ask(path, { headers: headers(protocol) });
const margin = async (protocol: Protocol, more = '') => {
  const answer = await get(
    protocol,
    `/v1/accounts/${protocol === 'alpha' ? names.a : names.b}/margin${more}`,
  );
  expect(answer.status, answer.text).toBe(200);
  return answer;
};
const end = (protocol: Protocol, id: string) =>
  ask(`/v1/consents/${id}`, { method: 'DELETE', headers: headers(protocol) });
const number = (answer: Answer, ...path: string[]) => Number(pick(answer.json, ...path));

const inNow = () => {
  const now = tenancy.world.nowMs / 1000;
  return { issuedAt: now - 60, validUntil: now + 86_400 };
};
const signed = (changes: Parameters<typeof consentDocument>[2] = {}) =>
  signedConsent(consentDocument(`alpha/${names.a}`, `beta/${names.b}`, { ...inNow(), ...changes }));

/** A consent that both filed. */
async function netted(changes: Parameters<typeof consentDocument>[2] = {}, alphas: object = {}) {
  const consent = await signed(changes);
  expect((await file('alpha', consent, alphas)).json).toMatchObject({ state: 'pending' });
  expect((await file('beta', consent)).json).toMatchObject({ id: consent.id, state: 'in-force' });
  await tenancy.consents.reload();
  return consent;
}

describe('two protocols', () => {
  test('are margined alone, to the byte, until both have filed what the owner signed', async () => {
    const before = [(await margin('alpha')).text, (await margin('beta')).text];
    const consent = await signed();
    await file('alpha', consent);
    await tenancy.consents.reload();
    expect([(await margin('alpha')).text, (await margin('beta')).text]).toEqual(before);
    expect(before.join()).not.toContain('netting');
    expect((await get('beta', '/v1/consents')).text).not.toContain(consent.id);
  });

  test('hold less than alone and together no less than the combined requirement; each sees totals only', async () => {
    const alone = { alpha: await margin('alpha'), beta: await margin('beta') };
    await netted();
    const now = { alpha: await margin('alpha'), beta: await margin('beta') };
    for (const key of ['initial', 'maintenance']) {
      const [a, b] = [number(now.alpha, 'requirement', key), number(now.beta, 'requirement', key)];
      expect(a).toBeLessThan(number(alone.alpha, 'requirement', key));
      expect(b).toBeLessThan(number(alone.beta, 'requirement', key));
      expect(a + b).toBeGreaterThanOrEqual(number(now.alpha, 'netting', 'figures', 'combined', key));
      expect(number(now.alpha, 'netting', 'relief', key)).toBeCloseTo(
        number(alone.alpha, 'requirement', key) - a,
        9,
      );
    }
    const lines = pick(now.alpha.json, 'lines') as { term: string; initial: string }[];
    expect(lines.at(-1)).toMatchObject({ term: 'consent-netting', equity: '0', positionId: null });
    expect(pick(now.alpha.json, 'netting')).toMatchObject({
      ...{ protocol: 'beta', accountId: names.b, suspended: null, moduleId: 'scenario' },
      figures: { positions: null },
    });
    // The same figures, seen from the other side.
    const [a, b] = [pick(now.alpha.json, 'netting', 'figures'), pick(now.beta.json, 'netting', 'figures')];
    expect(pick(a, 'own')).toEqual(pick(b, 'other'));
    expect(pick(a, 'combined')).toEqual(pick(b, 'combined'));
    expect(now.alpha.text).not.toContain('short-at-beta');
    expect(now.beta.text).not.toContain('long-at-alpha');
  });

  test('see positions where the consent says so, and only there', async () => {
    await netted({ sees: ['positions', 'totals'] });
    expect(pick((await margin('alpha')).json, 'netting', 'figures', 'positions')).toMatchObject([
      { id: 'short-at-beta', size: '-1' },
    ]);
    expect(pick((await margin('beta')).json, 'netting', 'figures', 'positions')).toBeNull();
  });

  test('keep to their own cap, which the other side does not see', async () => {
    const consent = await netted({}, { maxRelief: '12.5' });
    expect(pick((await margin('alpha')).json, 'netting', 'relief')).toEqual({
      initial: '12.5',
      maintenance: '12.5',
    });
    expect((await get('beta', `/v1/consents/${consent.id}`)).text).not.toContain('12.5');
  });

  test('learn nothing more from simulations, searches and other modules: those are of the account alone', async () => {
    const simulate = () =>
      ask(
        `/v1/accounts/${names.a}/margin/simulate`,
        jsonRequest('POST', { simulations: [{}, { set: [perp('more', '-0.5')] }] }, headers('alpha')),
      );
    const figures = (answer: Answer) =>
      ['current', 'simulations'].flatMap((key) => {
        const found = pick(answer.json, key);
        const all = Array.isArray(found) ? found.map((one) => pick(one, 'margin')) : [found];
        return all.map((one) => pick(one, 'requirement'));
      });
    const paths = [
      'capacity',
      'liquidation-price',
      'liquidation-plan',
      'stress',
      'margin/predicted',
      'margin?module=scenario@2.1.0',
    ];
    const ofPath = (path: string) => get('alpha', `/v1/accounts/${names.a}/${path}`);
    const before = await simulate();
    const alone = await Promise.all(paths.map(ofPath));
    await netted();
    const after = await simulate();
    expect(figures(after)).toEqual(figures(before));
    expect(after.text).toContain('netting-left-out');
    for (const [index, path] of paths.entries()) {
      const answer = await ofPath(path);
      expect(answer.text, path).toContain('netting-left-out');
      const reasons = (pick(answer.json, 'reasons') as { code: string }[]).filter(
        ({ code }) => code !== 'netting-left-out',
      );
      expect({ ...(answer.json as object), reasons }, path).toEqual(alone[index]!.json);
    }
  });
});

describe('it ends', () => {
  test.each(['alpha', 'beta'] as const)(
    'when %s withdraws: both alone again, to the byte, for good',
    async (who) => {
      const before = [(await margin('alpha')).text, (await margin('beta')).text];
      const consent = await netted();
      expect((await end(who, consent.id)).json).toMatchObject({ state: 'ended', endedBy: who });
      // At once, also where the notice of it has not come yet.
      expect([(await margin('alpha')).text, (await margin('beta')).text]).toEqual(before);
      for (const protocol of ['alpha', 'beta'] as const) {
        expect((await get(protocol, `/v1/consents/${consent.id}`)).json).toMatchObject({ endedBy: who });
        expect((await file(protocol, consent)).json).toMatchObject({
          ...{ status: 409, type: '/errors/consent-ended' },
        });
      }
    },
  );

  test('by the signature of its owner, and of nobody else', async () => {
    const consent = await netted();
    const revoke = (body: object) =>
      ask(`/v1/consents/${consent.id}/revocation`, jsonRequest('POST', body, headers('beta')));
    const other = await signed();
    expect((await revoke(other.revocation)).json).toMatchObject({ type: '/errors/consent-refused' });
    expect((await revoke({ signature: consent.body.signature })).status).toBe(422);
    expect(pick((await margin('alpha')).json, 'netting', 'suspended')).toBeNull();
    expect((await revoke(consent.revocation)).json).toMatchObject({ state: 'ended', endedBy: 'owner' });
    expect((await margin('alpha')).text).not.toContain('netting');
    expect((await file('alpha', consent)).json).toMatchObject({ type: '/errors/consent-ended' });
  });

  test('at its last moment', async () => {
    const { issuedAt } = inNow();
    const consent = await netted({ validUntil: issuedAt + 120 });
    tenancy.world.nowMs = (issuedAt + 119) * 1000;
    market();
    expect(pick((await margin('alpha')).json, 'netting', 'suspended')).toBeNull();
    tenancy.world.nowMs = (issuedAt + 120) * 1000;
    market();
    expect((await margin('alpha')).text).not.toContain('netting');
    expect((await get('alpha', `/v1/accounts/${names.a}/capacity`)).text).not.toContain('netting');
    expect((await get('alpha', `/v1/consents/${consent.id}`)).json).toMatchObject({ state: 'expired' });
    expect((await file('alpha', consent)).json).toMatchObject({ type: '/errors/consent-refused' });
  });

  test('and leaves past answers what they were', async () => {
    const { world } = tenancy;
    const at = [world.nowMs + 1_000, world.nowMs + 3_000, world.nowMs + 5_000];
    world.nowMs += 2_000;
    const consent = await netted();
    world.nowMs += 2_000;
    const during = await margin('alpha', `?at=${at[1]! / 1000}`);
    await end('beta', consent.id);
    world.nowMs += 2_000;
    const answers = await Promise.all(at.map((ms) => margin('alpha', `?at=${ms / 1000}`)));
    expect(answers[1]!.text).toBe(during.text);
    expect(pick(during.json, 'netting', 'consent')).toBe(consent.id);
    expect(pick(during.json, 'netting', 'suspended')).toBeNull();
    expect(answers[0]!.text).not.toContain('netting');
    expect(answers[2]!.text).not.toContain('netting');
  });
});

describe('it is suspended, and says why', () => {
  const suspended = async (code: string, subject?: string) => {
    for (const protocol of ['alpha', 'beta'] as const) {
      const answer = await margin(protocol);
      const netting = pick(answer.json, 'netting');
      expect(netting).toMatchObject({ suspended: { code }, figures: null });
      expect(pick(netting, 'relief')).toEqual({ initial: '0', maintenance: '0' });
      expect(pick(answer.json, 'reasons')).toContainEqual(expect.objectContaining({ code }));
      expect(answer.text).not.toContain('consent-netting');
      if (subject !== undefined) expect(pick(netting, 'suspended', 'subject')).toBe(subject);
    }
  };

  test('while the book of a side is old', async () => {
    await netted();
    tenancy.world.nowMs += 901_000;
    market();
    await push('alpha', names.a, long());
    await suspended('netting-book-old', 'beta');
    await push('beta', names.b, short());
    expect(pick((await margin('beta')).json, 'netting', 'suspended')).toBeNull();
  });

  test('while a price of either book is refused', async () => {
    await push('beta', names.b, {
      cash: '20000',
      positions: [
        perp('short-at-beta', '-1'),
        { kind: 'collateral', id: 'eth-at-beta', asset: 'ETH', amount: '1' },
      ],
    });
    await netted();
    expect(pick((await margin('alpha')).json, 'netting', 'suspended')).toBeNull();
    const { prices } = tenancy.world;
    const price = prices.get('ETH-USD')!;
    prices.set('ETH-USD', { ...price, market: null });
    await suspended('netting-not-valued', 'beta');
    // Alpha holds no ETH: it must not learn that beta's account does.
    expect((await margin('alpha')).text).not.toContain('ETH');
  });

  test('while a side has what only its own venue prices', async () => {
    await netted();
    const option = { kind: 'option', id: 'o', market: 'BTC-20260327-60000-C', size: '1' };
    await push('beta', names.b, { ...short(), positions: [...short().positions, option] });
    await suspended('netting-kind', 'beta');
  });

  test('while a side does not cover its share of the maintenance margin', async () => {
    await netted();
    await push('beta', names.b, short('100'));
    await suspended('netting-below-maintenance');
    expect(pick((await margin('beta')).json, 'status')).toMatch(/liquidatable|insolvent/);
  });

  test('when the other account closes nothing is left to net', async () => {
    const alone = await margin('alpha');
    await netted();
    sequence += 1;
    const path = `/v1/accounts/${names.b}/positions?sequence=${sequence}`;
    await ask(path, { method: 'DELETE', headers: headers('beta') });
    const now = await margin('alpha');
    expect(pick(now.json, 'requirement')).toEqual(pick(alone.json, 'requirement'));
    expect(pick(now.json, 'netting', 'relief')).toEqual({ initial: '0', maintenance: '0' });
  });
});

describe('a document is refused', () => {
  const refused = async (consent: SignedConsent, field: string) => {
    expect((await file('alpha', consent)).json).toMatchObject({
      ...{ status: 422, type: '/errors/consent-refused', errors: [{ field }] },
    });
  };
  const document = (changes: Parameters<typeof consentDocument>[2] = {}) =>
    consentDocument(`alpha/${names.a}`, `beta/${names.b}`, { ...inNow(), ...changes });

  test('that was signed for another chain, another deployment or by another wallet, or changed since', async () => {
    const domain = { chainId: 31337, deployment: 'breakwater.test' };
    await refused(await signedConsent(document(), { domain: { ...domain, chainId: 1 } }), 'signature');
    await refused(
      await signedConsent(document(), { domain: { ...domain, deployment: 'other' } }),
      'signature',
    );
    const owner = `0x${'0c'.repeat(20)}`;
    await refused(await signedConsent(document({ owner })), 'signature');
    const { body, ...rest } = await signedConsent(document());
    for (const change of [
      { validUntil: (body.consent.validUntil as number) + 1 },
      { nonce: `0x${'01'.repeat(32)}` },
      { sides: [...(body.consent.sides as object[])].reverse() },
    ]) {
      await refused({ ...rest, body: { ...body, consent: { ...body.consent, ...change } } }, 'signature');
    }
  });

  test('with the malleable twin of its signature', async () => {
    const { body, ...rest } = await signedConsent(document());
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = (order - BigInt(`0x${body.signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
    const v = body.signature.endsWith('1b') ? '1c' : '1b';
    const twin = `${body.signature.slice(0, 66)}${s}${v}`;
    await refused({ ...rest, body: { ...body, signature: twin } }, 'signature');
  });

  test('that does not fit: times, sides, module, parameters', async () => {
    const now = tenancy.world.nowMs / 1000;
    await refused(await signed({ issuedAt: now + 400 }), 'consent.issuedAt');
    await refused(await signed({ validUntil: now }), 'consent.validUntil');
    await refused(await signed({ validUntil: now + 367 * 86_400 }), 'consent.validUntil');
    await refused(await signed({ parametersHash: `0x${'00'.repeat(32)}` }), 'consent.parametersHash');
    const tail = { moduleId: 'tail', moduleVersion: '1.0.0' };
    await refused(await signed(tail), 'consent.module');
    const twice = consentDocument(`alpha/${names.a}`, `alpha/${names.b}`, inNow());
    await refused(await signedConsent(twice), 'consent.sides');
    const others = consentDocument(`beta/${names.b}`, `gamma/${names.a}`, inNow());
    await refused(await signedConsent(others), 'consent.sides');
    const absent = consentDocument('alpha/nothing-here', `beta/${names.b}`, inNow());
    expect((await file('alpha', await signedConsent(absent))).json).toMatchObject({
      type: '/errors/unknown-account',
    });
  });

  test('for an account that is in another; the same one again changes nothing', async () => {
    const first = await netted();
    const again = await file('alpha', first);
    expect(again.json).toMatchObject({ id: first.id, state: 'in-force' });
    expect((await file('alpha', first, { maxRelief: '1' })).json).toMatchObject({
      type: '/errors/consent-conflict',
    });
    const second = await signedConsent(consentDocument(`alpha/${names.a}`, 'gamma/elsewhere', inNow()));
    expect((await file('alpha', second)).json).toMatchObject({
      ...{ status: 409, type: '/errors/consent-conflict', details: { consent: first.id } },
    });
    await end('alpha', first.id);
    expect((await file('alpha', second)).json).toMatchObject({ state: 'pending' });
  });

  test('and two that come at once for one account are one', async () => {
    const rivals = await Promise.all([1, 2, 3, 4].map(() => signed()));
    const answers = await Promise.all(rivals.map((one) => file('alpha', one)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });
});

describe('nobody learns what is not his', () => {
  const comparable = ({ status, json }: Answer, ...hidden: string[]) =>
    hidden.reduce(
      (text, one) => text.replaceAll(one, '*'),
      JSON.stringify([status, json]).replaceAll(/"(requestId|instance)":"[^"]*"/g, ''),
    );

  test('whether the other account exists: the answer to a filing is the same', async () => {
    const present = await signed();
    const told = await file('alpha', present);
    await end('alpha', present.id);
    const absent = await signedConsent(consentDocument(`alpha/${names.a}`, 'beta/nothing-here', inNow()));
    const toldOfNone = await file('alpha', absent);
    const hide = (consent: SignedConsent) => [
      ...[consent.id, consent.body.signature, String(consent.body.consent.nonce), names.b, 'nothing-here'],
    ];
    expect(comparable(toldOfNone, ...hide(absent))).toBe(comparable(told, ...hide(present)));
  });

  test('a third protocol: neither that there is a consent nor any of its accounts', async () => {
    const consent = await netted();
    const nowhere = `0x${'00'.repeat(32)}`;
    for (const [path, init] of [
      ['', {}],
      ['', { method: 'DELETE' }],
      ['/revocation', jsonRequest('POST', consent.revocation)],
    ] as const) {
      const asked = (id: string) =>
        ask(`/v1/consents/${id}${path}`, {
          ...init,
          headers: { ...('headers' in init ? init.headers : {}), ...headers('gamma') },
        });
      const [foreign, absent] = [await asked(consent.id), await asked(nowhere)];
      expect(foreign.status).toBe(404);
      expect(comparable(foreign, consent.id)).toBe(comparable(absent, nowhere));
    }
    expect((await get('gamma', '/v1/consents')).json).toMatchObject({ consents: [] });
    expect((await file('gamma', consent)).json).toMatchObject({ type: '/errors/consent-refused' });
    expect((await get('gamma', `/v1/accounts/${names.a}/margin`)).status).toBe(404);
  });

  test('the named side, of a filing that it has not made', async () => {
    const consent = await signed();
    await file('alpha', consent);
    for (const path of [`/v1/consents/${consent.id}`, '/v1/consents?limit=1000', '/v1/audit?limit=1000']) {
      const answer = await get('beta', path);
      expect([200, 404]).toContain(answer.status);
      expect(answer.text, path).not.toMatch(new RegExp(`${names.a}"`));
    }
    expect((await end('beta', consent.id)).status).toBe(404);
    expect((await get('alpha', `/v1/consents/${consent.id}`)).json).toMatchObject({ state: 'pending' });
  });
});

test('both audit logs tell what was filed, came into force and ended, and not whose key it was at the other side', async () => {
  const consent = await netted();
  await end('beta', consent.id);
  const listed = async (protocol: Protocol) => {
    const answer = await get(protocol, '/v1/audit?limit=1000');
    expect(answer.status, answer.text).toBe(200);
    return answer;
  };
  const entries = async (protocol: Protocol) =>
    (pick((await listed(protocol)).json, 'entries') as { subject: string }[])
      .filter(({ subject }) => subject === consent.id)
      .map((entry) => [pick(entry, 'action'), pick(entry, 'actor')]);
  expect(await entries('alpha')).toEqual([
    ['consent.file', 'env'],
    ['consent.in-force', 'protocol:beta'],
    ['consent.end', 'protocol:beta'],
  ]);
  expect(await entries('beta')).toEqual([
    ['consent.file', 'env'],
    ['consent.in-force', 'env'],
    ['consent.end', 'env'],
  ]);
  expect(await entries('gamma')).toEqual([]);

  const other = await netted();
  const path = `/v1/consents/${other.id}/revocation`;
  await ask(path, jsonRequest('POST', other.revocation, headers('alpha')));
  const last = async (protocol: Protocol) =>
    (pick((await listed(protocol)).json, 'entries') as unknown[]).at(-1);
  const actor = `signer:${OWNER.address.toLowerCase()}`;
  expect(await last('alpha')).toMatchObject({ actor, details: { by: 'owner', via: 'env' } });
  expect(await last('beta')).toMatchObject({ actor, details: { by: 'owner', via: 'protocol:alpha' } });
});

test('a netted margin is never given again from memory: the other side may have changed', async () => {
  const prepared = new PreparedMargins({
    changes: { mark: () => 0, unchangedSince: () => true },
    nowMs: () => tenancy.world.nowMs,
    wallMs: () => 0,
  });
  const kept = async () => {
    const answer = await tenancy.world.ports.margin.calculate('alpha', names.a, null);
    prepared.keep('alpha', answer, 'text', 0);
    return prepared.get('alpha', names.a);
  };
  expect(await kept()).toBe('text');
  await netted();
  tenancy.world.nowMs += 1_000;
  market();
  expect(await kept()).toBeNull();
});
