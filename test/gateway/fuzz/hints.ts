import fc from 'fast-check';
import { listModules } from '../../../risk/modules/registry.ts';
import { CONSUMER } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { FAR, gridExpiry, NEAR, push, sviExpiry } from '../support/surface.ts';
import type { Hint } from './schema.ts';

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength });
const positive = fc
  .tuple(fc.integer({ min: 1, max: 9 }), digits(0, 8), digits(0, 18))
  .map(([first, whole, part]) => `${first}${whole}${part === '' ? '' : `.${part}`}`);
const signed = fc.tuple(fc.constantFrom('', '-'), positive).map(([sign, size]) => sign + size);

const chain = fc.constantFrom('hub', 'l2', null);

/** An option is named, or told by four fields: the document cannot say that. */
const option = fc
  .record({
    named: fc.boolean(),
    market: fc.constantFrom('BTC-20260327-60000-C', 'BTC-20260327-0.5-P', 'ETH-20260424-3000-C'),
    underlying: fc.constantFrom('BTC', 'ETH'),
    expiry: fc.constantFrom(NEAR, FAR),
    strike: fc.constantFrom('60000', '3000.5', '0.1'),
    type: fc.constantFrom('call', 'put'),
    size: signed,
    chain,
  })
  .map(({ named, market, size, chain: at, ...told }) => ({
    kind: 'option',
    id: 'option',
    size,
    chain: at,
    ...(named ? { market } : told),
  }));

/** Names that are listed, by the example of the place where one stands. */
const LISTED: Readonly<Record<string, readonly unknown[]>> = {
  'BTC-PERP': ['BTC-PERP', 'ETH-PERP'],
  'ETH-SPOT': ['ETH-SPOT', 'USDC-SPOT'],
  'BTC-20260327': ['BTC-20260327', 'ETH-20260424'],
  ETH: ['ETH', 'USDC'],
};

/** @param mark stands in every text that a tenant may choose. */
export function hintsFor(mark: string): Hint {
  const text = fc.integer({ min: 0, max: 9 }).map((n) => `${mark} text ${n}`);
  const id = fc.integer({ min: 0, max: 99 }).map((n) => `${mark}-${n}`);
  return (name, schema) => {
    const listed = typeof schema.example === 'string' ? LISTED[schema.example] : undefined;
    switch (name) {
      case 'OptionPositionInput':
        return option;
      case 'market':
      case 'asset':
        return listed && fc.constantFrom(...listed);
      case 'accountId':
        return fc.integer({ min: 1, max: 4 }).map((n) => `${mark}-account-${n}`);
      case 'chain':
        return chain;
      case 'id':
        return id;
      case 'remove':
        return fc.constant([]);
      case 'label':
      case 'title':
      case 'name':
      case 'reason':
        return text;
      case 'url':
        return fc.constant(`https://${mark}.example/hook`);
      // The patterns of amounts allow 30 digits; most are of a size that somebody holds.
      case 'size':
        return fc.oneof(
          { weight: 9, arbitrary: signed },
          fc.constant(`-${'9'.repeat(30)}.${'9'.repeat(18)}`),
        );
      case 'entryPrice':
      case 'amount':
        return fc.oneof(
          { weight: 9, arbitrary: positive },
          fc.constant(`${'9'.repeat(30)}.${'9'.repeat(18)}`),
        );
      default:
        return undefined;
    }
  };
}

/** Values of query parameters and headers; an empty list leaves one out of valid requests. */
export const QUERY: Readonly<Record<string, readonly string[]>> = {
  ids: ['BTC-USD', 'ETH-USD,USDC-USD'],
  at: ['2026-03-14T15:00:00.000Z', String(NOW_MS / 1000)],
  from: ['2026-03-14T15:00:00.000Z', String(NOW_MS / 1000)],
  to: [String(NOW_MS / 1000)],
  horizon: ['1h', '4h', '24h'],
  quantile: ['0.5', '0.95'],
  module: listModules().map(({ id, version }) => `${id}@${version}`),
  market: ['BTC-PERP', 'ETH-PERP'],
  topics: ['price', 'price,margin,forecast'],
  subjects: ['BTC-USD', 'BTC'],
  target: ['0', '1000.5'],
  costRate: ['0', '0.01'],
  chain: ['hub'],
  consumer: [CONSUMER],
  validFor: ['5'],
  nonce: ['0', '12345678901234567890'],
  cursor: [],
  'last-event-id': [],
};

/** Path parameters that are the same for everyone, by the first part of the path. */
export const SHARED: Readonly<Record<string, readonly string[]>> = {
  prices: ['BTC-USD', 'ETH-USD', 'USDC-USD'],
  forecasts: ['BTC', 'ETH'],
  parameters: ['BTC-PERP', 'ETH-PERP', 'ETH-SPOT'],
  markets: ['BTC-PERP', 'ETH-PERP'],
};

/** A market with data that fit it. */
export const venueData = fc.oneof(
  fc
    .tuple(fc.constantFrom('BTC-OPTIONS', 'ETH-OPTIONS'), fc.constantFrom(gridExpiry(NEAR), sviExpiry(NEAR)))
    .map(([market, expiry]) => ({ market, body: push([expiry]) })),
  fc
    .tuple(fc.constantFrom('BTC-PERP', 'ETH-PERP'), fc.double({ min: -1, max: 1, noNaN: true }), positive)
    .map(([market, fundingRate, openInterest]) => {
      const { expiries: _, ...rest } = push([]);
      return { market, body: { ...rest, fundingRate, openInterest } };
    }),
  fc
    .tuple(positive, fc.double({ min: -0.01, max: 0.01, noNaN: true }), fc.boolean())
    .map(([settlementPrice, fundingRate, ended]) => {
      const { expiries: _, ...rest } = push([]);
      const fundingSettledAt = new Date(Date.parse(rest.asOf) - 3_600_000).toISOString();
      const nextFundingAt = new Date(Date.parse(rest.asOf) + 3_600_000).toISOString();
      const body = { ...rest, fundingRate, fundingSettledAt, nextFundingAt };
      return { market: 'ETH-PERP', body: ended ? { ...body, settlementPrice } : body };
    }),
  fc.tuple(positive, positive).map(([supplied, borrowed]) => {
    const { expiries: _, ...rest } = push([]);
    return { market: 'ETH-SPOT', body: { ...rest, supplied, borrowed } };
  }),
);

export const moduleVersion = fc.constantFrom(...listModules()).map(({ id, version }) => ({ id, version }));
