import type { PublishedPrice, SlotAccumulator } from './accumulator.ts';

export type Encoding = 'hex' | 'base64';

/** A price together with the slot that signed it. */
export interface LatestPrice {
  readonly price: PublishedPrice;
  readonly index: number;
  readonly accumulator: SlotAccumulator;
}

interface RpcPrice {
  readonly price: string;
  readonly conf: string;
  readonly expo: number;
  readonly publish_time: number;
}

/** The JSON of Hermes `/v2/updates/price/*`, field for field. */
export interface PriceUpdateJson {
  readonly binary: { readonly encoding: Encoding; readonly data: readonly string[] };
  readonly parsed?: readonly {
    readonly id: string;
    readonly price: RpcPrice;
    readonly ema_price: RpcPrice;
    readonly metadata: {
      readonly slot: number;
      readonly proof_available_time: number;
      readonly prev_publish_time: number;
    };
  }[];
}

/** One binary update per slot involved (normally one), newest slot last. */
export function priceUpdateJson(
  latest: readonly LatestPrice[],
  encoding: Encoding,
  parsed: boolean,
): PriceUpdateJson {
  const slots = [...new Set(latest.map(({ accumulator }) => accumulator))].sort((a, b) =>
    a.slot < b.slot ? -1 : 1,
  );
  const data = slots.map((slot) => {
    const indices = latest.filter(({ accumulator }) => accumulator === slot).map(({ index }) => index);
    return Buffer.from(slot.encode(indices)).toString(encoding);
  });
  const binary = { encoding, data };
  if (!parsed) return { binary };
  return {
    binary,
    parsed: latest.map(({ price, accumulator }) => {
      const { expo, publishTimeSeconds: publish_time } = price;
      return {
        id: price.priceId.slice(2),
        price: { price: `${price.price}`, conf: `${price.conf}`, expo, publish_time },
        ema_price: { price: `${price.emaPrice}`, conf: `${price.emaConf}`, expo, publish_time },
        metadata: {
          slot: Number(accumulator.slot),
          proof_available_time: publish_time + 1,
          prev_publish_time: price.prevPublishTimeSeconds,
        },
      };
    }),
  };
}

/** The JSON of `/v2/price_feeds`; the symbol is the configured one or the id itself. */
export function priceFeedJson(priceId: string, symbol: string | undefined) {
  const [base, quote] = (symbol ?? '').split('-');
  return {
    id: priceId.slice(2),
    attributes: {
      asset_type: 'crypto',
      base: base || 'UNKNOWN',
      description: `${symbol ?? priceId} (development)`,
      display_symbol: symbol?.replace('-', '/') ?? priceId,
      quote_currency: quote || 'USD',
      symbol: symbol ? `Crypto.${symbol.replace('-', '/')}` : priceId,
    },
  };
}
