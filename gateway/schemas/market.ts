import { z } from '@hono/zod-openapi';
import { wadToDecimal } from '../../risk/units/wad.ts';
import { instrumentName, type Listing } from '../engine/instruments.ts';
import { listedStrikes, type StoredVenueData } from '../engine/venue-data.ts';
import { amount, identifier, iso, orNull, timestamp } from './common.ts';
import { usedVenueDataDto, usedVenueDataSchema } from './stored-venue-data.ts';

export const marketParams = z.strictObject({
  market: identifier.openapi({ param: { name: 'market', in: 'path' }, example: 'BTC-OPTIONS' }),
});

const instrumentSchema = z
  .object({
    market: z.string().openapi({ example: 'BTC-20260327-60000-C' }),
    underlying: z.string(),
    expiry: timestamp,
    strike: amount,
    type: z.enum(['call', 'put']),
  })
  .openapi('OptionInstrument');

export const marketListSchema = z
  .object({
    markets: z.array(
      z.object({
        market: z.string(),
        kind: z.enum(['perp', 'collateral']),
        asset: z.string(),
        feed: z.string(),
      }),
    ),
    options: z.array(
      z.object({
        market: z
          .string()
          .openapi({ description: 'Where the venue pushes its surface.', example: 'BTC-OPTIONS' }),
        asset: z.string(),
        feed: z.string().openapi({ description: 'Index at which they settle.' }),
        data: orNull(usedVenueDataSchema, 'The last push; null before the first.'),
        instruments: z.array(instrumentSchema).openapi({
          description: 'Strikes of the last push that have not expired. Others of the asset may be held too.',
        }),
      }),
    ),
  })
  .openapi('MarketList');

/** `nowMs` is market time. */
export function marketListDto(
  listing: Listing,
  pushed: (market: string) => StoredVenueData | null,
  nowMs: number,
): z.infer<typeof marketListSchema> {
  return {
    markets: [...listing.fixed.values()].flatMap(({ id, kind, asset, feedId }) =>
      kind === 'option' || kind === 'future' ? [] : [{ market: id, kind, asset, feed: feedId }],
    ),
    options: [...listing.series.values()].map(({ id, asset, feedId }) => {
      const entry = pushed(id);
      return {
        market: id,
        asset,
        feed: feedId,
        data: entry === null ? null : usedVenueDataDto(entry, nowMs),
        instruments: entry === null ? [] : instrumentsOf(asset, entry, nowMs),
      };
    }),
  };
}

function instrumentsOf(asset: string, { data }: StoredVenueData, nowMs: number) {
  return (data.expiries ?? [])
    .filter(({ expiryMs }) => expiryMs > nowMs)
    .flatMap((expiry) =>
      listedStrikes(expiry).flatMap((strikeWad) =>
        (['call', 'put'] as const).map((type) => {
          const strike = wadToDecimal(strikeWad);
          const { expiryMs } = expiry;
          const market = instrumentName({ underlying: asset, expiryMs, strike, type });
          return { market, underlying: asset, expiry: iso(expiryMs), strike, type };
        }),
      ),
    );
}
