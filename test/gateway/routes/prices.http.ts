import { describe, expect, test } from 'vitest';
import { asker, pick } from '../support/contract.ts';
import { createWorld } from '../support/gateway.ts';
import { refusedPrice } from '../support/market.ts';

describe('GET /v1/prices', () => {
  test('gives the prices asked for, in that order, each once', async () => {
    const ask = asker(createWorld());
    const { status, json } = await ask('/v1/prices?ids=ETH-USD,%20BTC-USD,ETH-USD');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      prices: [
        { feed: 'ETH-USD', price: '3000', confidence: '1.5' },
        { feed: 'BTC-USD', price: '60000', confidence: '30', ageSeconds: 2, confidenceScore: 0.98 },
      ],
    });
    expect(pick(json, 'prices', 'length')).toBe(2);
  });

  test('gives every feed when none is named', async () => {
    const { json } = await asker(createWorld())('/v1/prices');
    expect((pick(json, 'prices') as { feed: string }[]).map((price) => price.feed)).toEqual([
      'BTC-USD',
      'ETH-USD',
      'USDC-USD',
    ]);
  });

  test('names every unknown feed', async () => {
    const { status, json } = await asker(createWorld())('/v1/prices?ids=BTC-USD,DOGE-USD,XRP-USD');
    expect(status).toBe(404);
    expect(json).toMatchObject({
      type: '/errors/unknown-feed',
      errors: [
        { field: 'ids', message: "no price feed 'DOGE-USD'" },
        { field: 'ids', message: "no price feed 'XRP-USD'" },
      ],
    });
  });

  test.each([
    '?ids=',
    '?ids=btc-usd',
    '?ids=BTC-USD,',
    '?ids=BTC-USD&ids=ETH-USD',
    '?feeds=BTC-USD',
    '?__proto__=1',
  ])('refuses %s', async (query) => {
    const { status, json } = await asker(createWorld())(`/v1/prices${query}`);
    expect(status).toBe(400);
    expect(pick(json, 'type')).toBe('/errors/invalid-input');
    expect(['ids', 'feeds', '__proto__']).toContain(pick(json, 'errors', 0, 'field'));
  });
});

describe('GET /v1/prices/{id}', () => {
  test('is current until validUntil and stale after it, with the reason', async () => {
    const world = createWorld();
    const ask = asker(world);
    world.nowMs += 10_000;
    expect((await ask('/v1/prices/BTC-USD')).json).toMatchObject({
      stale: false,
      ageSeconds: 12,
      reasons: [],
    });
    world.nowMs += 1;
    expect((await ask('/v1/prices/BTC-USD')).json).toMatchObject({
      stale: true,
      validUntil: '2026-03-14T15:00:10.000Z',
      reasons: [{ code: 'price-expired', subject: 'BTC-USD' }],
    });
  });

  test('a refused price is stale and says why', async () => {
    const world = createWorld();
    world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    expect((await asker(world)('/v1/prices/BTC-USD')).json).toMatchObject({
      price: '60000',
      stale: true,
      verdicts: { margin: { usable: false } },
      reasons: [{ code: 'quorum-not-met', message: '1 of 2 groups left' }],
    });
  });

  test('without a price the answer has null and reasons, never a number', async () => {
    const world = createWorld();
    world.prices.set('BTC-USD', { ...refusedPrice('BTC-USD', '60000'), market: null });
    expect((await asker(world)('/v1/prices/BTC-USD')).json).toMatchObject({
      price: null,
      confidence: null,
      confidenceScore: null,
      publishTime: null,
      ageSeconds: null,
      stale: true,
    });
  });

  test('an unknown feed is 404, an impossible id 400', async () => {
    const ask = asker(createWorld());
    expect((await ask('/v1/prices/DOGE-USD')).status).toBe(404);
    expect((await ask('/v1/prices/%00')).status).toBe(400);
    expect((await ask("/v1/prices/BTC-USD'%20OR%201=1")).status).toBe(400);
  });
});

describe('GET /v1/prices/{id}/evidence', () => {
  test('shows what every source said and why one is out, without its address', async () => {
    const { status, json, text } = await asker(createWorld())('/v1/prices/BTC-USD/evidence');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      price: { feed: 'BTC-USD', price: '60000' },
      votes: [
        {
          source: 'chainlink:hub',
          chain: 'hub',
          included: true,
          weight: 0.5,
          price: '60000',
          quote: {
            price: '6000000000000',
            expo: -8,
            blockNumber: '1234',
            details: { roundId: '18446744073709551617' },
          },
          failure: null,
        },
        { source: 'pyth:hermes', chain: null, quote: { confidence: '3000000000', blockNumber: null } },
        {
          source: 'uniswap:l2',
          included: false,
          price: null,
          quote: null,
          failure: { code: 'chain-unavailable' },
        },
      ],
    });
    expect(text).not.toContain('SECRETKEY');
    expect(text).not.toContain('rpc.example');
  });
});
