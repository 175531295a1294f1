import { describe, expect, test } from 'vitest';
import { attestationsPort } from '../../../gateway/attestations/port.ts';
import type { Verdict } from '../../../risk/market/verdict.ts';
import { asker } from '../support/contract.ts';
import { BOOK, CONSUMER, createWorld, jsonRequest } from '../support/gateway.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';
import { withBook } from '../support/with-book.ts';

const QUERY = `?chain=hub&consumer=${CONSUMER}`;
const MARGIN = `/v1/attestations/margin/alice${QUERY}`;
const REFUSED: Verdict = { usable: false, reasons: [{ code: 'stale-source', message: 'old' }] };

describe('nothing is signed', () => {
  test('about an account whose price is refused, expired or gone', async () => {
    for (const price of [
      {
        ...robustPrice('BTC-USD', '60000'),
        verdicts: { open: REFUSED, margin: REFUSED, liquidate: REFUSED },
      },
      robustPrice('BTC-USD', '60000', NOW_MS - 10_001),
      { ...robustPrice('BTC-USD', '60000'), market: null },
    ]) {
      const world = createWorld();
      const ask = await withBook(world);
      expect((await ask(MARGIN)).status).toBe(200);
      world.prices.set('BTC-USD', price);
      for (const path of [MARGIN, `/v1/attestations/price/BTC-USD${QUERY}`]) {
        const answer = await ask(path);
        expect(answer.json).toMatchObject({ status: 422, type: '/errors/attestation-refused' });
        expect(answer.text).not.toContain('signature');
      }
    }
  });

  test('about an account with a position that cannot be valued', async () => {
    const option = { kind: 'option', id: 'o', market: 'BTC-20260327-60000-C', size: '1' };
    const ask = await withBook(createWorld(), { ...BOOK, positions: [...BOOK.positions, option] });
    expect((await ask(MARGIN)).json).toMatchObject({ status: 422, type: '/errors/attestation-refused' });
  });

  test('that would hold for no second', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.nowMs = NOW_MS + 10_000;
    expect((await ask(`/v1/attestations/price/BTC-USD${QUERY}`)).status).toBe(200);
    world.nowMs = NOW_MS + 10_001;
    const answer = await ask(`/v1/attestations/price/BTC-USD${QUERY}`);
    expect(answer.json).toMatchObject({ details: { reasons: [{ code: 'answer-expired' }] } });
  });

  test("for a contract that is not the caller's, but for a price", async () => {
    const ask = await withBook();
    const query = `?chain=hub&consumer=0x${'ee'.repeat(20)}`;
    expect((await ask(`/v1/attestations/margin/alice${query}`)).json).toMatchObject({
      status: 403,
      type: '/errors/consumer-not-allowed',
    });
    expect((await ask(`/v1/attestations/price/BTC-USD${query}`)).status).toBe(200);
  });

  test('without a key, without a verifier, and about an account whose name does not fit', async () => {
    const world = createWorld({
      override: (ports) => ({ ...ports, attestations: attestationsPort([], null) }),
    });
    expect((await (await withBook(world))(MARGIN)).json).toMatchObject({
      status: 409,
      type: '/errors/attestations-not-configured',
    });
    const ask = asker(createWorld());
    expect((await ask(MARGIN.replace('hub', 'l2'))).json).toMatchObject({
      status: 400,
      errors: [{ field: 'chain' }],
    });
    const long = 'a'.repeat(33);
    await ask(`/v1/accounts/${long}/positions`, jsonRequest('PUT', { sequence: 1, ...BOOK }));
    expect((await ask(MARGIN.replace('alice', long))).json).toMatchObject({
      status: 400,
      errors: [{ field: 'id' }],
    });
  });

  test.each([
    ['chain', `?consumer=${CONSUMER}`],
    ['consumer', '?chain=hub&consumer=0x12'],
    ['nonce', `${QUERY}&nonce=${2n ** 256n}`],
    ['nonce', `${QUERY}&nonce=-1`],
    ['validFor', `${QUERY}&validFor=0`],
    ['more', `${QUERY}&more=1`],
  ])('and %s is named when it is wrong', async (field, query) => {
    const answer = await (await withBook())(`/v1/attestations/margin/alice${query}`);
    expect(answer.json).toMatchObject({ status: 400, errors: [{ field }] });
  });
});

describe('the largest withdrawal', () => {
  // Collateral of the account that is on no chain: any contract of the protocol may pay it.
  const HERE = { ...BOOK, positions: BOOK.positions.map((one) => ({ ...one, chain: null })) };
  const path = (asset: string) => `/v1/attestations/withdrawal/alice/${asset}${QUERY}`;

  test('is that of the capacity, at the sequence of the book', async () => {
    const ask = await withBook(createWorld(), HERE);
    const { withdrawals } = (await ask('/v1/accounts/alice/capacity')).json as {
      withdrawals: { collateral: { asset: string; amount: string }[] };
    };
    const { amount } = withdrawals.collateral.find(({ asset }) => asset === 'ETH')!;
    expect(Number(amount)).toBeGreaterThan(0);
    expect((await ask(path('ETH'))).json).toMatchObject({
      attestation: { kind: 'withdrawal' },
      values: { asset: 'ETH', maxAmount: amount, sequence: '1' },
    });
  });

  test('is that of one position where the asset is held in several, and 0 below initial margin', async () => {
    const half = (id: string) => ({ kind: 'collateral', id, asset: 'ETH', amount: '5' });
    const ask = await withBook(createWorld(), { sequence: 1, cash: '0', positions: [half('a'), half('b')] });
    expect((await ask(path('ETH'))).json).toMatchObject({ values: { maxAmount: '5' } });
    const poor = await withBook(createWorld(), { ...HERE, cash: '-90000' });
    expect((await poor(path('ETH'))).json).toMatchObject({ values: { maxAmount: '0' } });
  });

  test('is not signed for what the account does not have there, when stale, or of an account that cannot be valued', async () => {
    const world = createWorld();
    const ask = await withBook(world, HERE);
    const refusal = async (asset = 'ETH') => {
      const { json } = await ask(path(asset));
      const { type, details } = json as { type: string; details: { reasons: { code: string }[] } };
      return [type, details.reasons.map(({ code }) => code)];
    };
    expect(await refusal('BTC')).toEqual(['/errors/attestation-refused', ['no-collateral']]);
    const elsewhere = { kind: 'collateral', id: 'l', asset: 'USDC', amount: '5', chain: 'l2' };
    await ask(
      '/v1/accounts/alice/positions',
      jsonRequest('PUT', { ...HERE, sequence: 2, positions: [...HERE.positions, elsewhere] }),
    );
    expect(await refusal('USDC')).toEqual(['/errors/attestation-refused', ['no-collateral']]);
    world.prices.set('ETH-USD', robustPrice('ETH-USD', '3000', NOW_MS - 10_001));
    expect(await refusal()).toEqual(['/errors/attestation-refused', ['price-expired']]);
  });
});
