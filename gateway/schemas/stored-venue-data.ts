import { z } from '@hono/zod-openapi';
import { type Wad, wadToDecimal } from '../../risk/units/wad.ts';
import type { DepthLevel, StoredVenueData, VenueExpiry } from '../engine/venue-data.ts';
import { amount, iso, orNull, timestamp } from './common.ts';

const smileSchema = z
  .union([
    z.object({
      kind: z.literal('svi'),
      a: z.number(),
      b: z.number(),
      rho: z.number(),
      m: z.number(),
      sigma: z.number(),
      strikes: z.array(amount),
    }),
    z.object({
      kind: z.literal('grid'),
      points: z.array(z.object({ strike: amount, volatility: z.number() })),
    }),
  ])
  .openapi({ description: 'As pushed.' });

const expirySchema = z.object({
  expiry: timestamp,
  forward: amount,
  settlementPrice: amount.nullable(),
  rate: z.number(),
  smile: smileSchema,
  confidence: z.object({ forward: z.number(), rate: z.number(), volatility: z.number() }),
});

const levelsSchema = z.array(z.object({ price: amount, size: amount }));

/** Where venue data comes from and how old it is. */
export const venueDataFields = {
  market: z.string().openapi({ example: 'BTC-OPTIONS' }),
  sequence: z.int(),
  asOf: timestamp.openapi({ description: 'Market time at which the venue made it.' }),
  ageSeconds: z.number(),
  maxAgeSeconds: z.number(),
  stale: z.boolean().openapi({ description: 'True past maxAgeSeconds: it is not used any more.' }),
};

/** Venue data behind an answer. */
export const usedVenueDataSchema = z.object(venueDataFields).openapi('UsedVenueData');

export const venueDataSchema = z
  .object({
    ...venueDataFields,
    expiries: z.array(expirySchema).nullable(),
    settlements: orNull(
      z.array(z.object({ expiry: timestamp, price: amount })),
      'Prices at which past expiries settled.',
    ),
    fundingRate: z.number().nullable(),
    fundingSettledAt: timestamp.nullable(),
    nextFundingAt: timestamp.nullable(),
    openInterest: amount.nullable(),
    depth: orNull(z.object({ bids: levelsSchema, asks: levelsSchema }).openapi('VenueDepth'), 'Best first.'),
    settlementPrice: amount.nullable(),
    supplied: amount.nullable(),
    borrowed: amount.nullable(),
  })
  .openapi('VenueData');

export const putVenueDataResultSchema = z
  .object({
    ...venueDataFields,
    replayed: z.boolean().openapi({ description: 'True when this very update was stored before.' }),
  })
  .openapi('PutVenueDataResult');

export function usedVenueDataDto(entry: StoredVenueData, nowMs: number): z.infer<typeof usedVenueDataSchema> {
  const ageMs = nowMs - entry.asOfMs;
  return {
    market: entry.market,
    sequence: Number(entry.sequence),
    asOf: iso(entry.asOfMs),
    ageSeconds: ageMs / 1000,
    maxAgeSeconds: entry.maxAgeMs / 1000,
    stale: ageMs > entry.maxAgeMs,
  };
}

export function venueDataDto(entry: StoredVenueData, nowMs: number): z.infer<typeof venueDataSchema> {
  const { expiries, fundingRate, openInterestWad, depth, settlementWad, ...more } = entry.data;
  const { fundingSettledAtMs, nextFundingAtMs, settlements, suppliedWad, borrowedWad } = more;
  const orNullTime = (ms: number | undefined) => (ms === undefined ? null : iso(ms));
  return {
    ...usedVenueDataDto(entry, nowMs),
    expiries: expiries?.map(expiryDto) ?? null,
    settlements:
      settlements?.map(({ expiryMs, priceWad }) => ({
        expiry: iso(expiryMs),
        price: wadToDecimal(priceWad),
      })) ?? null,
    fundingRate,
    fundingSettledAt: orNullTime(fundingSettledAtMs),
    nextFundingAt: orNullTime(nextFundingAtMs),
    openInterest: orNullAmount(openInterestWad),
    depth: depth === null ? null : { bids: depth.bids.map(levelDto), asks: depth.asks.map(levelDto) },
    settlementPrice: orNullAmount(settlementWad),
    supplied: orNullAmount(suppliedWad ?? null),
    borrowed: orNullAmount(borrowedWad ?? null),
  };
}

const orNullAmount = (value: Wad | null) => (value === null ? null : wadToDecimal(value));
const levelDto = ({ priceWad, sizeWad }: DepthLevel) => ({
  price: wadToDecimal(priceWad),
  size: wadToDecimal(sizeWad),
});

function expiryDto({ expiryMs, forwardWad, settlementWad, rate, smile, confidence }: VenueExpiry) {
  return {
    expiry: iso(expiryMs),
    forward: wadToDecimal(forwardWad),
    settlementPrice: orNullAmount(settlementWad),
    rate,
    smile:
      smile.kind === 'svi'
        ? { kind: 'svi' as const, ...smile.svi, strikes: smile.strikesWad.map(wadToDecimal) }
        : {
            kind: 'grid' as const,
            points: smile.points.map(({ strikeWad, volatility }) => ({
              strike: wadToDecimal(strikeWad),
              volatility,
            })),
          },
    confidence: { ...confidence },
  };
}
