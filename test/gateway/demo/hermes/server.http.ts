import { schemas } from '@pythnetwork/hermes-client/zodSchemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublishedPrice } from '../../../../gateway/demo/hermes/accumulator.ts';
import { type HermesServer, startHermesServer } from '../../../../gateway/demo/hermes/server.ts';
import { createDevelopmentSigner } from '../../../../gateway/demo/hermes/signer.ts';
import { verifyUpdateDetailed } from '../../../../oracles/pyth/verify.ts';

const signer = createDevelopmentSigner({ seed: 'test' });
const BTC = `0x${'b1'.repeat(32)}` as const;
const ETH = `0x${'e1'.repeat(32)}` as const;
const UNKNOWN = `0x${'99'.repeat(32)}` as const;

const published = (
  priceId: `0x${string}`,
  price: bigint,
  publishTimeSeconds = 1_760_000_000,
): PublishedPrice => ({
  priceId,
  price,
  conf: 5_000_000n,
  expo: -8,
  publishTimeSeconds,
  prevPublishTimeSeconds: publishTimeSeconds - 1,
  emaPrice: price - 7n,
  emaConf: 6_000_000n,
});

let server: HermesServer;
const ask = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
const latest = (query: string) => ask(`/v2/updates/price/latest?${query}`);

beforeAll(async () => {
  const symbols = new Map([[BTC as string, 'BTC-USD']]);
  server = await startHermesServer({ port: 0, host: '127.0.0.1', signer, symbols, firstSlot: 100n });
  server.publish([published(BTC, 6_400_000_000_000n), published(ETH, 300_000_000_000n)]);
});
afterAll(() => server.stop());

async function verified(response: Response) {
  const { binary } = schemas.PriceUpdate.parse(await response.json());
  return binary.data.map((text) =>
    verifyUpdateDetailed(new Uint8Array(Buffer.from(text, binary.encoding)), [server.signerSet]),
  );
}

describe('the development Hermes', () => {
  it('answers as the live one, field for field, with updates that verify', async () => {
    const response = await latest(`ids[]=${BTC}&encoding=hex&parsed=true`);
    expect(response.status).toBe(200);
    const body = (await response.clone().json()) as { parsed: unknown };
    expect(body.parsed).toEqual([
      {
        id: BTC.slice(2),
        price: { price: '6400000000000', conf: '5000000', expo: -8, publish_time: 1_760_000_000 },
        ema_price: { price: '6399999999993', conf: '6000000', expo: -8, publish_time: 1_760_000_000 },
        metadata: { slot: 101, proof_available_time: 1_760_000_001, prev_publish_time: 1_759_999_999 },
      },
    ]);
    const [update] = await verified(response);
    expect([update!.slot, update!.signers, update!.prices[0]!.price]).toEqual([101n, 3, 6_400_000_000_000n]);
  });

  it('speaks base64 and leaves the parsed view out', async () => {
    const response = await latest(`ids[]=${ETH}&ids[]=${BTC}&encoding=base64&parsed=false`);
    expect(await response.clone().json()).not.toHaveProperty('parsed');
    const [update] = await verified(response);
    expect(update!.prices.map(({ priceId }) => priceId)).toEqual([ETH, BTC]);
  });

  it('gives one update per slot when prices were published apart', async () => {
    server.publish([published(ETH, 300_100_000_000n, 1_760_000_001)]);
    const updates = await verified(await latest(`ids[]=${ETH}&ids[]=${BTC}`));
    expect(updates.map(({ slot, prices }) => [slot, prices.length])).toEqual([
      [101n, 1],
      [102n, 1],
    ]);
  });

  it('refuses unknown ids unless they are ignored', async () => {
    const refused = await latest(`ids[]=${UNKNOWN}&ids[]=${BTC}`);
    expect([refused.status, await refused.text()]).toEqual([404, `Price ids not found: ${UNKNOWN}`]);
    const [update] = await verified(
      await latest(`ids[]=${UNKNOWN}&ids[]=${BTC}&ignore_invalid_price_ids=true`),
    );
    expect(update!.prices.length).toBe(1);
  });

  it.each(['', 'ids[]=0x12', `ids[]=${BTC}&encoding=utf8`, `ids[]=${BTC}&parsed=yes`])(
    '400 on "%s"',
    async (query) => {
      expect((await latest(query)).status).toBe(400);
    },
  );

  it('lists its feeds, says that it lives, and knows no other path', async () => {
    expect(await (await ask('/v2/price_feeds?query=btc')).json()).toEqual([
      expect.objectContaining({
        id: BTC.slice(2),
        attributes: expect.objectContaining({ symbol: 'Crypto.BTC/USD' }),
      }),
    ]);
    expect(await (await ask('/live')).text()).toBe('OK');
    expect((await ask('/v1/anything')).status).toBe(404);
  });

  it('streams each slot to those who asked for one of its prices', async () => {
    const response = await ask(`/v2/updates/price/stream?ids[]=${BTC}`);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    server.publish([published(ETH, 1n, 1_760_000_002)]);
    server.publish([published(BTC, 6_400_100_000_000n, 1_760_000_003)]);
    let text = '';
    while (!/data:.*\n\n/.test(text)) text += (await reader.read()).value ?? '';
    const [line] = text.split('\n').filter((row) => row.startsWith('data:'));
    const { binary, parsed } = schemas.PriceUpdate.parse(JSON.parse(line!.slice(5)));
    expect(parsed!.map(({ price }) => price.price)).toEqual(['6400100000000']);
    const { prices } = verifyUpdateDetailed(new Uint8Array(Buffer.from(binary.data[0]!, 'hex')), [
      server.signerSet,
    ]);
    expect(prices[0]!.price).toBe(6_400_100_000_000n);
    await reader.cancel();
  });

  it('asks for its key where it has one', async () => {
    const closed = await startHermesServer({ port: 0, host: '127.0.0.1', signer, apiKey: 'secret' });
    try {
      const status = async (authorization?: string) =>
        (await fetch(`${closed.url}/v2/price_feeds`, { headers: authorization ? { authorization } : {} }))
          .status;
      expect([await status(), await status('Bearer wrong'), await status('Bearer secret')]).toEqual([
        401, 401, 200,
      ]);
    } finally {
      await closed.stop();
    }
  });

  it('names the port that it cannot have', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startHermesServer({ port, host: '127.0.0.1', signer })).rejects.toMatchObject({
      type: 'hermes-server-listen',
      details: { host: '127.0.0.1', port },
    });
  });
});
